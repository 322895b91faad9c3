import { EventEmitter } from 'node:events';
import CircuitBreaker from 'opossum';

/** What the window holds when somebody asks. */
export interface WindowTotals {
  readonly calls: number;
  readonly failures: number;
}

export interface CircuitOptions {
  readonly name: string;
  /** Opens at this share of failures. */
  readonly failurePercent: number;
  readonly minimumCalls: number;
  readonly totals: () => WindowTotals;
  readonly onOpen: () => void;
  readonly onClose: () => void;
}

/**
 * opossum's state machine, without what it costs: it is asked only about verdicts that can change the state (failures, and the
 * outcome of a probe), and its statistics are ours. Its own keep the time of every call in an array and a timer per breaker.
 */
export class Circuit {
  readonly #inner: CircuitBreaker<[ok: boolean], void>;

  /** @param halfOpen the first verdict is that of the probe; otherwise the circuit is closed */
  constructor(options: CircuitOptions, halfOpen: boolean) {
    this.#inner = new CircuitBreaker<[ok: boolean], void>(replay, {
      name: options.name,
      timeout: false,
      // half-open begins with a circuit of its own; this timer ends with the one that opened
      resetTimeout: LONGEST_MS,
      // opossum opens above its threshold, we open at it
      errorThresholdPercentage: options.failurePercent - 1e-9,
      volumeThreshold: options.minimumCalls,
      status: statusOf(options.totals),
      ...(halfOpen ? { state: HALF_OPEN } : {}),
    });
    this.#inner.on('open', options.onOpen);
    this.#inner.on('close', options.onClose);
  }

  /** Hands a verdict in; the state has changed when it is fulfilled. */
  async tell(ok: boolean): Promise<void> {
    await this.#inner.fire(ok).catch(ignore);
  }

  /** Gives up the timer. */
  end(): void {
    this.#inner.shutdown();
  }
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

/** A status of opossum's that no timer turns and that counts nothing: every circuit's is made after it. */
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

function statusOf(totals: () => WindowTotals): CircuitBreaker.Status {
  const stats = (): Pick<CircuitBreaker.Stats, 'fires' | 'failures'> => {
    const { calls, failures } = totals();
    return { fires: calls, failures };
  };
  return Object.create(counting, { stats: { get: stats } }) as CircuitBreaker.Status;
}

function ignore(): void {
  // nothing is to be done
}

async function replay(ok: boolean): Promise<void> {
  if (!ok) throw FAILED;
  return Promise.resolve();
}

const FAILED = new Error('the call failed');
