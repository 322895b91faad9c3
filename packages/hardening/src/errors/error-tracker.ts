import { type SerializedError, serializeError } from '@mainstay/types';
import { type Clock, checkNumber, systemClock } from '@mainstay/utils';
import { type ErrorGroup, RATE_WINDOW_MS } from './error-group.ts';
import { fingerprintOfSerialized, messagePattern, originOf } from './fingerprint.ts';

/**
 * What happened to a group since it was last handed over: `count` and `runs` are those since then. Adding all of them up gives the
 * group.
 */
export type ErrorDelta = Omit<ErrorGroup, 'perMinute' | 'runsTruncated'>;

export interface TrackerOptions {
  /** Groups kept; then the one that was not seen for longest goes. Default 500. */
  readonly maxGroups?: number;
  /** Runs that a group names. Default 20. */
  readonly maxRuns?: number;
  /** Groups handed over at once. Default 100. */
  readonly batchSize?: number;
  /** Makes texts of errors fit to be kept, before groups are made of them. Default: they are kept as they are. */
  readonly clean?: (text: string) => string;
  /**
   * Stores what happened. When it rejects, the same is handed over again with the next flush, added up with what came since: so a
   * store that failed after it had written counts twice, and none is lost.
   */
  readonly store?: (deltas: readonly ErrorDelta[]) => Promise<void>;
  /** Told of every occurrence, such as an exporter. Must not throw or wait. */
  readonly onError?: (occurrence: ErrorOccurrence) => void;
  readonly clock?: Clock;
}

export interface ErrorOccurrence {
  readonly fingerprint: string;
  readonly at: number;
  readonly error: SerializedError;
  readonly run?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ErrorContext {
  /** Id of the run that was affected. */
  readonly run?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Groups errors in bounded memory. */
export interface ErrorTracker {
  /** Costs some microseconds; never throws. Returns the fingerprint. */
  record(thrown: unknown, context?: ErrorContext): string;
  /** The newest first. */
  groups(): readonly ErrorGroup[];
  /** Hands over what was not handed over yet, in batches. Only one is under way at a time; a second call joins it. */
  flush(): Promise<void>;
  /** Occurrences that fell out with their group before they were handed over. */
  readonly lost: number;
}

const RATE_SLOTS = 10;
const SLOT_MS = RATE_WINDOW_MS / RATE_SLOTS;

interface Group {
  readonly fingerprint: string;
  readonly code: string;
  readonly name: string;
  readonly pattern: string;
  readonly firstSeenAt: number;
  lastSeenAt: number;
  count: number;
  sample: ErrorGroup['sample'];
  readonly runs: Set<string>;
  runsTruncated: boolean;
  /** Occurrences per slot of time, by the slot's number. */
  readonly slots: Map<number, number>;
  pending: number;
  pendingFirstAt: number;
  readonly pendingRuns: Set<string>;
}

export function createErrorTracker(options: TrackerOptions = {}): ErrorTracker {
  return new Tracker(options);
}

class Tracker implements ErrorTracker {
  readonly #groups = new Map<string, Group>();
  readonly #origins = new Map<string, string>();
  readonly #options: TrackerOptions;
  readonly #clock: Clock;
  readonly #maxGroups: number;
  readonly #maxRuns: number;
  readonly #batchSize: number;
  #flushing: Promise<void> | undefined;
  #lost = 0;

  constructor(options: TrackerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#maxGroups = checkNumber('error tracker', 'maxGroups', options.maxGroups ?? 500, { min: 1, integer: true });
    this.#maxRuns = checkNumber('error tracker', 'maxRuns', options.maxRuns ?? 20, { min: 0, integer: true });
    this.#batchSize = checkNumber('error tracker', 'batchSize', options.batchSize ?? 100, { min: 1, integer: true });
  }

  get lost(): number {
    return this.#lost;
  }

  record(thrown: unknown, { run, tags = {} }: ErrorContext = {}): string {
    const serialized = serializeError(thrown, { stack: true });
    const { clean } = this.#options;
    const error = clean === undefined ? serialized : cleaned(serialized, clean);
    const fingerprint = this.#fingerprint(error);
    const at = this.#clock.now();
    const group = this.#groups.get(fingerprint) ?? this.#begin(fingerprint, error, at);
    // the one seen last is the last of the map
    this.#groups.delete(fingerprint);
    this.#groups.set(fingerprint, group);
    this.#count(group, error, at, run);
    this.#evict();
    this.#options.onError?.({ fingerprint, at, error, ...(run === undefined ? {} : { run }), tags });
    return fingerprint;
  }

  groups(): readonly ErrorGroup[] {
    const now = this.#clock.now();
    return [...this.#groups.values()].reverse().map((group) => view(group, now));
  }

  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    const { store } = this.#options;
    if (store === undefined) return;
    const waiting = [...this.#groups.values()].filter(({ pending }) => pending > 0);
    for (let begin = 0; begin < waiting.length; begin += this.#batchSize) {
      const batch = waiting.slice(begin, begin + this.#batchSize);
      const deltas = batch.map(takeDelta);
      try {
        await store(deltas);
      } catch (error) {
        for (const [index, delta] of deltas.entries()) this.#giveBack(batch[index], delta);
        throw error;
      }
    }
  }

  /** A group that fell out meanwhile takes its occurrences along. */
  #giveBack(group: Group | undefined, delta: ErrorDelta): void {
    if (group === undefined || this.#groups.get(group.fingerprint) !== group) {
      this.#lost += delta.count;
      return;
    }
    group.pending += delta.count;
    group.pendingFirstAt = Math.min(group.pendingFirstAt, delta.firstSeenAt);
    for (const run of delta.runs) if (group.pendingRuns.size < this.#maxRuns) group.pendingRuns.add(run);
  }

  /** Floods come from few places, so fingerprints are kept by origin. */
  #fingerprint(error: SerializedError): string {
    const origin = originOf(error);
    const known = origin === undefined ? undefined : this.#origins.get(origin);
    if (known !== undefined) return known;
    const fingerprint = fingerprintOfSerialized(error);
    if (this.#origins.size >= 2 * this.#maxGroups) this.#origins.clear();
    if (origin !== undefined) this.#origins.set(origin, fingerprint);
    return fingerprint;
  }

  #begin(fingerprint: string, error: SerializedError, at: number): Group {
    const { code, name, message } = error;
    return {
      ...{ fingerprint, code, name, pattern: messagePattern(message), firstSeenAt: at, lastSeenAt: at, count: 0 },
      ...{ sample: { message }, runs: new Set<string>(), runsTruncated: false, slots: new Map<number, number>() },
      ...{ pending: 0, pendingFirstAt: at, pendingRuns: new Set<string>() },
    };
  }

  #count(group: Group, { message, stack }: SerializedError, at: number, run: string | undefined): void {
    const slot = Math.floor(at / SLOT_MS);
    for (const old of group.slots.keys()) if (old <= slot - RATE_SLOTS) group.slots.delete(old);
    group.slots.set(slot, (group.slots.get(slot) ?? 0) + 1);
    group.count += 1;
    group.lastSeenAt = at;
    if (group.pending === 0) group.pendingFirstAt = at;
    group.pending += 1;
    group.sample = { message, ...(stack === undefined ? {} : { stack }) };
    if (run === undefined || this.#maxRuns === 0) return;
    if (group.pendingRuns.size < this.#maxRuns) group.pendingRuns.add(run);
    this.#addRun(group, run);
  }

  #addRun(group: Group, run: string): void {
    group.runs.delete(run);
    group.runs.add(run);
    if (group.runs.size <= this.#maxRuns) return;
    const [oldest] = group.runs;
    if (oldest !== undefined) group.runs.delete(oldest);
    group.runsTruncated = true;
  }

  #evict(): void {
    if (this.#groups.size <= this.#maxGroups) return;
    const [oldest] = this.#groups.values();
    if (oldest === undefined) return;
    this.#groups.delete(oldest.fingerprint);
    if (this.#options.store !== undefined) this.#lost += oldest.pending;
  }
}

function takeDelta(group: Group): ErrorDelta {
  const { fingerprint, code, name, pattern, lastSeenAt, sample } = group;
  const delta = { fingerprint, code, name, pattern, firstSeenAt: group.pendingFirstAt, lastSeenAt, count: group.pending, sample };
  const runs = [...group.pendingRuns];
  group.pending = 0;
  group.pendingRuns.clear();
  return { ...delta, runs };
}

function view(group: Group, now: number): ErrorGroup {
  const { fingerprint, code, name, pattern, firstSeenAt, lastSeenAt, count, runs, runsTruncated, sample } = group;
  const oldest = Math.floor(now / SLOT_MS) - RATE_SLOTS;
  const recent = [...group.slots].reduce((sum, [slot, seen]) => sum + (slot > oldest ? seen : 0), 0);
  const perMinute = recent / (RATE_WINDOW_MS / 60_000);
  return { fingerprint, code, name, pattern, firstSeenAt, lastSeenAt, count, perMinute, runs: [...runs], runsTruncated, sample };
}

/** Details are of no use to groups, and are left out of what is cleaned. */
function cleaned(
  { details: _details, message, stack, cause, ...error }: SerializedError,
  clean: (text: string) => string,
): SerializedError {
  return {
    ...error,
    message: clean(message),
    ...(stack !== undefined && { stack: clean(stack) }),
    ...(cause !== undefined && { cause: cleaned(cause, clean) }),
  };
}
