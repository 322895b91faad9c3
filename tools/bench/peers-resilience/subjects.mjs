import { circuitBreaker, ExponentialBackoff, handleAll, retry, SamplingBreaker, timeout, TimeoutStrategy, wrap } from 'cockatiel';
import CircuitBreaker from 'opossum';
import pRetry from 'p-retry';

const RETRIES = 3;
const TIMEOUT_MS = 10_000;
const OPOSSUM = { errorThresholdPercentage: 50, volumeThreshold: 10, resetTimeout: 60_000, rollingCountTimeout: 60_000 };

const cockatielRetry = () => retry(handleAll, { maxAttempts: RETRIES, backoff: new ExponentialBackoff() });
const cockatielBreaker = () =>
  circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new SamplingBreaker({ threshold: 0.5, duration: 60_000, minimumRps: 1 }) });
const cockatielTimeout = () => timeout(TIMEOUT_MS, TimeoutStrategy.Aggressive);
const executing = (policy, work) => () => policy.execute(work);

/** By name: what makes a call of `work` under the library. */
export const subjects = {
  'p-retry': (work) => () => pRetry(work, { retries: RETRIES }),
  opossum: (work) => {
    const breaker = new CircuitBreaker(work, { ...OPOSSUM, timeout: false });
    return () => breaker.fire();
  },
  'opossum, timeout': (work) => {
    const breaker = new CircuitBreaker(work, { ...OPOSSUM, timeout: TIMEOUT_MS });
    return () => breaker.fire();
  },
  'p-retry(opossum, timeout)': (work) => {
    const breaker = new CircuitBreaker(work, { ...OPOSSUM, timeout: TIMEOUT_MS });
    return () => pRetry(() => breaker.fire(), { retries: RETRIES });
  },
  'cockatiel retry': (work) => executing(cockatielRetry(), work),
  'cockatiel breaker': (work) => executing(cockatielBreaker(), work),
  'cockatiel timeout': (work) => executing(cockatielTimeout(), work),
  'cockatiel wrap(retry, breaker, timeout)': (work) => executing(wrap(cockatielRetry(), cockatielBreaker(), cockatielTimeout()), work),
};

/** By name: what makes a breaker, and what calls through it. */
export const breakers = {
  opossum: (name) => {
    const breaker = new CircuitBreaker((work) => work(), { ...OPOSSUM, name, timeout: false });
    return (work) => breaker.fire(work);
  },
  cockatiel: () => {
    const breaker = cockatielBreaker();
    return (work) => breaker.execute(work);
  },
};
