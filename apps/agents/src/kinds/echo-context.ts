import { BaseAgent, type TaskContext } from '@mainstay/agent';
import { z } from 'zod';

/** Returns what an attempt is told about itself. */
export class EchoContext extends BaseAgent {
  readonly kind = 'echo-context';
  override readonly description = 'Returns attempt, idempotency key, trace id, run, task, tenant and fence.';
  readonly input = z.unknown();
  readonly output = z.object({
    attempt: z.number().int(),
    idempotencyKey: z.string(),
    traceId: z.string(),
    correlationId: z.string(),
    run: z.string(),
    task: z.string(),
    tenant: z.string(),
    fence: z.number().int(),
  });

  run(_input: unknown, ctx: TaskContext) {
    const { attempt, idempotencyKey, correlationId, run, task, tenant, fence, traceparent } = ctx;
    const [, traceId = ''] = traceparent.split('-');
    return Promise.resolve({ attempt, idempotencyKey, traceId, correlationId, run, task, tenant, fence });
  }
}
