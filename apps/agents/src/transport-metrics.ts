import { type Metrics, timingsOf } from '@mainstay/observability';
import { isWaitingCall, type OnCall } from '@mainstay/transport';

/** Times the calls to Redis by name, and counts those that failed. */
export function transportMetrics(metrics: Metrics): OnCall {
  const observe = timingsOf(metrics.histogram('mainstay_redis_call_duration_seconds'), 'call');
  const failed = metrics.counter('mainstay_redis_failed_calls_total');
  const seen = new Set<string>();
  return ({ call, durationMs, ok }) => {
    if (!seen.has(call)) {
      seen.add(call);
      failed.inc({ call }, 0);
    }
    if (!isWaitingCall(call)) observe(call, durationMs);
    if (!ok) failed.inc({ call });
  };
}
