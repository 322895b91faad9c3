import { checkNumber } from './check-option.ts';

export interface AdaptiveLimitOptions {
  /** Default 1. */
  readonly min?: number;
  /** Default 200. */
  readonly max?: number;
  /** Default 20. */
  readonly initial?: number;
  /** Latency may grow by this factor over that without a queue before the limit falls. Default 1.5. */
  readonly tolerance?: number;
  /** Of the limit, after a call that was dropped: timed out or refused by the other side. Default 0.9. */
  readonly dropFactor?: number;
}

/** One call that has ended. */
export interface LatencySample {
  readonly latencyMs: number;
  /** Calls that ran when it began, itself included. */
  readonly inFlight: number;
  /** True if it timed out or was refused for overload. */
  readonly dropped: boolean;
}

/** What the limit is computed from. */
export interface AdaptiveState {
  /** The limit before it is rounded down. */
  readonly limit: number;
  /** Latency without a queue: the least of the present ones since the last look. `Infinity`: nothing is known. */
  readonly baseMs: number;
  /** Present latency: an average of the last calls. 0: nothing is known. */
  readonly presentMs: number;
  /** Samples until the base is looked for anew. */
  readonly untilLook: number;
}

/** Samples over which the present latency is averaged. */
const PRESENT_OVER = 10;
/** How much of the way to the computed limit one sample goes. */
const SMOOTHING = 0.2;
/** After so many samples the base latency is looked for anew, at half the limit: nothing can be learnt of it while there is a queue. */
const LOOK_EVERY = 1_000;

export type AdaptivePlan = Required<AdaptiveLimitOptions>;

/** @throws ConfigurationError `CONFIG_INVALID` that names the first wrong option and its value. */
export function adaptivePlan(options: AdaptiveLimitOptions = {}): AdaptivePlan {
  const owner = 'adaptive limit';
  const min = checkNumber(owner, 'min', options.min ?? 1, { min: 1, integer: true });
  const max = checkNumber(owner, 'max', options.max ?? 200, { min, integer: true });
  return {
    min,
    max,
    initial: checkNumber(owner, 'initial', options.initial ?? Math.min(max, Math.max(min, 20)), { min, max, integer: true }),
    tolerance: checkNumber(owner, 'tolerance', options.tolerance ?? 1.5, { min: 1, max: 10 }),
    dropFactor: checkNumber(owner, 'dropFactor', options.dropFactor ?? 0.9, { min: 0.1, max: 0.99 }),
  };
}

/** Before anything is known. */
export function initialState(plan: AdaptivePlan): AdaptiveState {
  return { limit: plan.initial, baseMs: Number.POSITIVE_INFINITY, presentMs: 0, untilLook: LOOK_EVERY };
}

/**
 * The gradient rule: while calls take as long as they do without a queue, the limit grows by its square root, which is the queue that
 * is allowed to form; when they take longer, it falls in proportion; a dropped call lowers it at once. It does not grow while half of
 * it is unused, because then the latency says nothing of it. Pure.
 */
export function nextLimit(plan: AdaptivePlan, state: AdaptiveState, sample: LatencySample): AdaptiveState {
  if (sample.dropped) return { ...state, limit: bounded(plan, state.limit * plan.dropFactor) };
  if (state.untilLook <= 1) return { ...initialState(plan), limit: bounded(plan, state.limit / 2) };
  const presentMs = state.presentMs === 0 ? sample.latencyMs : state.presentMs + (sample.latencyMs - state.presentMs) / PRESENT_OVER;
  const next = { limit: state.limit, presentMs, baseMs: Math.min(state.baseMs, presentMs), untilLook: state.untilLook - 1 };
  if (sample.inFlight * 2 < state.limit) return next;
  const gradient = presentMs === 0 ? 1 : Math.max(0.5, Math.min(1, (plan.tolerance * next.baseMs) / presentMs));
  const wanted = state.limit * gradient + Math.sqrt(state.limit);
  return { ...next, limit: bounded(plan, state.limit * (1 - SMOOTHING) + wanted * SMOOTHING) };
}

function bounded({ min, max }: AdaptivePlan, limit: number): number {
  return Math.min(max, Math.max(min, limit));
}

/** A limit of concurrency that moves. */
export interface MovingLimit {
  readonly limit: number;
  /** Calls the listener whenever the limit has risen: calls that wait for it may begin. Returns the function that ends it. */
  onRise?(listener: () => void): () => void;
}

/** A limit of concurrency that follows what the other side can take. */
export interface AdaptiveLimit extends MovingLimit {
  sample(sample: LatencySample): void;
}

export function createAdaptiveLimit(options?: AdaptiveLimitOptions): AdaptiveLimit {
  const plan = adaptivePlan(options);
  const listeners = new Set<() => void>();
  let state = initialState(plan);
  return {
    get limit() {
      return Math.floor(state.limit);
    },
    sample(sample) {
      const before = Math.floor(state.limit);
      state = nextLimit(plan, state, sample);
      if (Math.floor(state.limit) > before) for (const listener of listeners) listener();
    },
    onRise(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
