import { EventEmitter } from 'node:events';
import CircuitBreaker from 'opossum';

/** What the window holds. */
export interface WindowTotals {
  readonly calls: number;
  readonly failures: number;
}

export interface CircuitOptions {
  readonly name: string;
  /** Opens at this share of failures. */
  readonly failurePercent: number;
  readonly minimumCalls: number;
}

/**
 * What a verdict makes of a circuit, as opossum decides: it opens, closes, or stays as it is. opossum's state machine is set up in the
 * given state, with our statistics in the place of its own, and told the verdict. It lives no longer than that, because it would keep
 * 5 KiB and a timer per breaker, and in its statistics the time of every call. Only verdicts that can change the state are worth it:
 * failures, and the outcome of a probe.
 */
export async function decide(
  options: CircuitOptions,
  state: 'closed' | 'half-open',
  totals: WindowTotals,
  ok: boolean,
): Promise<'open' | 'closed' | 'same'> {
  const circuit = new CircuitBreaker<[ok: boolean], void>(replay, {
    name: options.name,
    timeout: false,
    // never fires: it ends with the circuit
    resetTimeout: LONGEST_MS,
    // opossum opens above its threshold, we open at it
    errorThresholdPercentage: options.failurePercent - 1e-9,
    volumeThreshold: options.minimumCalls,
    status: statusOf(totals),
    ...(state === 'half-open' ? { state: HALF_OPEN } : {}),
  });
  await circuit.fire(ok).catch(ignore);
  const { opened, closed } = circuit;
  circuit.shutdown();
  if (opened) return 'open';
  return closed && state === 'half-open' ? 'closed' : 'same';
}

const LONGEST_MS = 2 ** 31 - 1;

/** The published type takes the moment of the last timer for a symbol; a circuit that is made half-open has none. */
const HALF_OPEN = {
  name: 'circuit',
  enabled: true,
  closed: false,
  open: false,
  halfOpen: true,
  warmUp: false,
  shutdown: false,
} as CircuitBreaker.State;

/** A status of opossum's that no timer turns and that counts nothing: that of every circuit is made after it. */
const counting = Object.create(
  CircuitBreaker.newStatus({
    rotateBucketController: new EventEmitter(),
    enableSnapshots: false,
    rollingPercentilesEnabled: false,
    rollingCountBuckets: 1,
    rollingCountTimeout: 1,
  }),
  { increment: { value: ignore }, open: { value: ignore }, close: { value: ignore }, shutdown: { value: ignore } },
) as CircuitBreaker.Status;

function statusOf({ calls, failures }: WindowTotals): CircuitBreaker.Status {
  return Object.create(counting, { stats: { value: { fires: calls, failures } } }) as CircuitBreaker.Status;
}

function ignore(): void {
  // nothing is to be done
}

async function replay(ok: boolean): Promise<void> {
  if (!ok) throw FAILED;
  return Promise.resolve();
}

const FAILED = new Error('the call failed');
