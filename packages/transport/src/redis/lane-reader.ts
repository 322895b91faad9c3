import type { Redis } from 'ioredis';
import type { Receipt } from '../transport.ts';
import type { Connections, ReaderLink } from './connections.ts';
import type { Sorted } from './entry-codec.ts';
import { isReply, toUnavailable } from './errors.ts';
import { groupOf, type Keys } from './keys.ts';
import { addFrames, addRemovals, exec, pendingOf, remove } from './lane-commands.ts';
import { type RawEntry, streams } from './replies.ts';
import { runScript, TAKE } from './scripts.ts';

/** Lanes to read in this order, at most `limit` entries from all of them together. */
export interface TakeStep {
  readonly lanes: readonly string[];
  readonly limit: number;
}

export interface ReadRequest<D> {
  /** Called anew for every look at the lanes. */
  readonly steps: () => readonly TakeStep[];
  /** All lanes, those that matter most first. */
  readonly lanes: readonly string[];
  readonly max: number;
  readonly blockMs: number;
  readonly signal: AbortSignal;
  readonly sort: (raw: readonly RawEntry[]) => Sorted<D>;
  /** What to do with entries beyond `max` that a blocking read brought: keep them for the next read, or give them back. */
  readonly surplus: 'keep' | 'give-back';
}

/** Pause between attempts to end a blocking read. */
const UNBLOCK_PAUSE_MS = 10;
/** Own pending entries that are looked through after a disturbance, per lane. */
const MAX_RECOVERED = 10_000;

/**
 * Reads lanes for one loop. Entries that the server gave out but that never arrived (the connection broke in between) are
 * pending with this process without its knowledge: after every disturbance the reader looks for them first.
 */
export class LaneReader {
  readonly #connections: Connections;
  readonly #keys: Keys;
  readonly #name: string;
  /** Delivered and not yet removed. */
  readonly #held = new Set<string>();
  #backlog: RawEntry[] = [];
  #disturbed = false;
  #reader: ReaderLink | undefined;

  constructor(connections: Connections, keys: Keys, name: string) {
    this.#connections = connections;
    this.#keys = keys;
    this.#name = name;
  }

  /** These were delivered by another way (a takeover). */
  hold(receipts: readonly Receipt[]): void {
    for (const { lane, entry } of receipts) this.#held.add(idOf(lane, entry));
  }

  /** These are gone. */
  release(receipts: readonly Receipt[]): void {
    for (const { lane, entry } of receipts) this.#held.delete(idOf(lane, entry));
  }

  /** These are to be delivered again, since it is not known whether they are gone. */
  doubt(receipts: readonly Receipt[]): void {
    this.release(receipts);
    this.#disturbed = true;
  }

  async read<D extends { readonly receipt: Receipt }>(request: ReadRequest<D>): Promise<readonly D[]> {
    if (!this.#connections.up) throw this.#connections.unavailable();
    const { clock } = this.#connections;
    const end = clock.monotonic() + request.blockMs;
    while (!request.signal.aborted && request.max > 0 && request.lanes.length > 0) {
      if (this.#disturbed) await this.#recover(request.lanes);
      const raw = this.#backlog.length > 0 ? this.#backlog.splice(0, request.max) : await this.#take(request.steps(), request.max);
      const deliveries = await this.#deliver(raw, request);
      if (deliveries.length > 0) return deliveries;
      if (raw.length > 0) continue;
      const leftMs = Math.ceil(end - clock.monotonic());
      if (leftMs <= 0) return [];
      const arrived = await this.#wait(request.lanes, leftMs, request.signal);
      if (arrived === 'look-again') continue;
      const late = await this.#deliver(await this.#cut(arrived, request), request);
      if (late.length > 0 || arrived.length === 0) return late;
    }
    return [];
  }

  async #deliver<D extends { readonly receipt: Receipt }>(raw: readonly RawEntry[], { sort }: ReadRequest<D>): Promise<readonly D[]> {
    const { deliveries, refused } = sort(raw);
    this.hold(deliveries.map(({ receipt }) => receipt));
    // A refused entry that cannot be removed now is found again by the next recovery.
    await remove(this.#connections, this.#keys, refused).catch(() => (this.#disturbed = true));
    return deliveries;
  }

  /** Takes what is there, in one round trip, without waiting. */
  async #take(steps: readonly TakeStep[], max: number): Promise<readonly RawEntry[]> {
    const [lane] = steps.flatMap((step) => step.lanes);
    if (lane === undefined) return [];
    const keys = steps.flatMap((step) => step.lanes.map((name) => this.#keys.of(name)));
    const quotas = steps.flatMap((step, index) => step.lanes.flatMap(() => [index, step.limit]));
    try {
      const reply = await this.#connections.run((redis) => runScript(redis, TAKE, keys, [groupOf(lane), this.#name, max, ...quotas]));
      return streams(reply);
    } catch (error) {
      this.#disturbed = true;
      throw error;
    }
  }

  /** Waits for one entry. Only a read that finds several lanes filled at its very start brings more. */
  async #wait(lanes: readonly string[], ms: number, signal: AbortSignal): Promise<readonly RawEntry[] | 'look-again'> {
    this.#reader ??= this.#connections.reader();
    const { link } = this.#reader;
    const { clock, commandTimeoutMs, endpoint } = this.#connections;
    await this.#connections.ready(link);
    if (signal.aborted) return [];
    const state = { settled: false };
    const onAbort = (): void => void this.#unblock(state);
    signal.addEventListener('abort', onAbort, { once: true });
    const timer = clock.setTimeout(() => {
      link.reset(new Error(`a blocking read did not end within ${String(ms + commandTimeoutMs)} ms`));
    }, ms + commandTimeoutMs);
    try {
      return streams(await this.#blockingRead(link.redis, lanes, ms));
    } catch (error) {
      if (isReply(error, 'NOGROUP', 'UNBLOCKED')) return 'look-again';
      this.#disturbed = true;
      if (isAborted(signal)) return [];
      throw toUnavailable(error, endpoint);
    } finally {
      state.settled = true;
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  #blockingRead(redis: Redis, lanes: readonly string[], ms: number): Promise<unknown> {
    const keys = lanes.map((lane) => this.#keys.of(lane));
    const group = groupOf(lanes[0] ?? '');
    const news = keys.map(() => '>');
    return redis.xreadgroup('GROUP', group, this.#name, 'COUNT', 1, 'BLOCK', ms, 'STREAMS', ...keys, ...news);
  }

  /** Ends the blocking read. It may not have begun on the server yet, so the server is asked until the read has ended. */
  async #unblock(state: { readonly settled: boolean }): Promise<void> {
    const reader = this.#reader;
    if (reader === undefined) return;
    const { clock, commandTimeoutMs } = this.#connections;
    const end = clock.monotonic() + commandTimeoutMs;
    while (!state.settled) {
      const asked = await this.#connections.run((redis) => redis.client('UNBLOCK', reader.clientId())).catch(() => undefined);
      if (asked === undefined || clock.monotonic() > end) {
        reader.link.reset(new Error('the blocking read was given up'));
        return;
      }
      await new Promise<void>((resolve) => clock.setTimeout(resolve, UNBLOCK_PAUSE_MS));
    }
  }

  /** At most `max` of what arrived; the rest is kept or goes back to its lane, where others find it. */
  async #cut<D>(arrived: readonly RawEntry[], { max, surplus }: ReadRequest<D>): Promise<readonly RawEntry[]> {
    const rest = arrived.slice(max);
    if (rest.length > 0 && surplus === 'keep') this.#backlog.push(...rest);
    else if (rest.length > 0) await this.#giveBack(rest);
    return arrived.slice(0, max);
  }

  async #giveBack(raw: readonly RawEntry[]): Promise<void> {
    const frames = raw.flatMap(({ key, frame }) => (frame === undefined ? [] : [{ lane: this.#keys.nameOf(key), frame }]));
    const receipts = raw.map(({ key, id }) => ({ lane: this.#keys.nameOf(key), entry: id }));
    try {
      await this.#connections.run((redis) => {
        const commands = redis.multi();
        addFrames(commands, this.#keys, frames);
        addRemovals(commands, this.#keys, receipts);
        return exec(commands);
      });
    } catch {
      this.#disturbed = true;
    }
  }

  /** Finds entries that are pending with this process although it never saw them. */
  async #recover(lanes: readonly string[]): Promise<void> {
    const known = new Set([...this.#held, ...this.#backlog.map(({ key, id }) => idOf(this.#keys.nameOf(key), id))]);
    const own = await pendingOf(this.#connections, this.#keys, lanes, this.#name, MAX_RECOVERED);
    this.#backlog.push(...own.filter(({ key, id }) => !known.has(idOf(this.#keys.nameOf(key), id))));
    this.#disturbed = false;
  }
}

/** Asked by a call, because it may have changed since it was last looked at. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

const idOf = (lane: string, entry: string): string => `${entry} ${lane}`;
