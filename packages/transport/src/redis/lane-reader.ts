import type { Redis } from 'ioredis';
import { share, type TakeStep } from '../read-order.ts';
import type { Receipt } from '../transport.ts';
import { Changes, remove } from './changes.ts';
import type { Connections, ReaderLink } from './connections.ts';
import type { Sorted } from './entry-codec.ts';
import { isReply, toUnavailable } from './errors.ts';
import { HeldEntries } from './held-entries.ts';
import { groupOf, type Keys } from './keys.ts';
import { exec, pendingOf } from './lane-commands.ts';
import { LaneShares } from './lane-shares.ts';
import type { Payloads, WholeEntry } from './payloads.ts';
import { numbers, type RawEntry, streams } from './replies.ts';
import { COUNT_WAITING, CREATE_GROUPS, runScript } from './scripts.ts';

export interface ReadRequest<D> {
  /** All lanes, those that matter most first. */
  readonly lanes: readonly string[];
  /** How the lanes are taken from. Called anew for every look at them. */
  readonly steps: () => readonly TakeStep[];
  readonly max: number;
  readonly blockMs: number;
  readonly signal: AbortSignal;
  readonly sort: (entries: readonly WholeEntry[]) => Sorted<D>;
  /** What to do with entries beyond `max` that a blocking read brought: keep them for the next read, or give them back. */
  readonly surplus: 'keep' | 'give-back';
}

/** Pause between attempts to end a blocking read. */
const UNBLOCK_PAUSE_MS = 10;
/** Own pending entries that are looked through after a disturbance, per lane. */
const MAX_RECOVERED = 10_000;

/**
 * Reads lanes for one loop, in one of two ways. A **take** looks at the lanes in the order of the steps and never brings more than
 * was asked for. A **wait** is a blocking read: it ends at once when there is something, and gives each lane a share of `max`, so that
 * it seldom brings more (see {@link LaneShares}). A wait alone is one command: it is used where a surplus can be
 * kept, and otherwise while reads leave room; a read that filled a lane's share, or all places, is followed by a take.
 *
 * Entries that the server gave out but that never arrived are pending with this process without its knowledge: after every
 * disturbance the reader looks for them first.
 */
export class LaneReader {
  readonly #connections: Connections;
  readonly #keys: Keys;
  readonly #name: string;
  readonly #payloads: Payloads;
  /** Delivered and not yet removed. */
  readonly #held = new HeldEntries();
  readonly #shares = new LaneShares();
  #backlog: RawEntry[] = [];
  /** Lanes of which entries may be pending with this process without its knowledge, also where they are not read any more. */
  readonly #doubtful = new Set<string>();
  /** The last read may have left something in the lanes. */
  #more = true;
  #reader: ReaderLink | undefined;

  constructor(connections: Connections, keys: Keys, name: string, payloads: Payloads) {
    this.#connections = connections;
    this.#keys = keys;
    this.#name = name;
    this.#payloads = payloads;
  }

  /** These were delivered by another way (a takeover). */
  hold(receipts: readonly Receipt[]): void {
    for (const receipt of receipts) this.#held.add(receipt);
  }

  /** These are gone. */
  release(receipts: readonly Receipt[]): void {
    for (const receipt of receipts) this.#held.delete(receipt);
  }

  /** These are to be delivered again, since it is not known whether they are gone. */
  doubt(receipts: readonly Receipt[]): void {
    this.release(receipts);
    this.#doubt(receipts);
  }

  /** Entries of these lanes may be pending with this process without its knowledge. */
  doubtLanes(lanes: readonly string[]): void {
    for (const lane of lanes) this.#doubtful.add(lane);
  }

  async read<D extends { readonly receipt: Receipt }>(request: ReadRequest<D>): Promise<readonly D[]> {
    if (!this.#connections.up) throw this.#connections.unavailable();
    const { clock } = this.#connections;
    const end = clock.monotonic() + request.blockMs;
    while (!request.signal.aborted && request.max > 0 && request.lanes.length > 0) {
      if (this.#doubtful.size > 0) await this.#recover();
      const raw = this.#backlog.length > 0 ? this.#backlog.splice(0, request.max) : await this.#takeUnlessIdle(request);
      if (raw.length > 0) {
        const deliveries = await this.#deliver(raw, request);
        if (deliveries.length > 0) return deliveries;
        continue;
      }
      const leftMs = Math.ceil(end - clock.monotonic());
      if (leftMs <= 0) return [];
      const arrived = await this.#wait(request, leftMs);
      if (arrived === 'look-again') continue;
      if (arrived.length === 0) return [];
      const late = await this.#deliver(await this.#cut(arrived, request), request);
      if (late.length > 0) return late;
    }
    return [];
  }

  async #deliver<D extends { readonly receipt: Receipt }>(raw: readonly RawEntry[], { sort }: ReadRequest<D>): Promise<readonly D[]> {
    const { deliveries, refused } = sort(await this.#complete(raw));
    for (const { receipt } of deliveries) this.#held.add(receipt);
    // A refused entry that cannot be removed now is found again by the next recovery.
    if (refused.length > 0)
      await remove(this.#connections, this.#keys, refused).catch(() => {
        this.#doubt(refused);
      });
    return deliveries;
  }

  /** Entries whose payloads cannot be fetched now are found again by the next recovery. */
  async #complete(raw: readonly RawEntry[]): Promise<readonly WholeEntry[]> {
    const whole = this.#payloads.complete(raw);
    if (!(whole instanceof Promise)) return whole;
    try {
      return await whole;
    } catch (error) {
      this.#doubt(raw);
      throw error;
    }
  }

  /** Nothing without a look, where a wait does as well: it may bring too much, or is not expected to. */
  async #takeUnlessIdle<D>({ lanes, max, blockMs, steps, surplus }: ReadRequest<D>): Promise<readonly RawEntry[]> {
    const idle = !this.#more && lanes.length <= max;
    if (blockMs > 0 && (idle || surplus === 'keep')) return [];
    const taken = await this.#take(lanes, steps(), max);
    this.#more = taken.length >= max;
    return taken;
  }

  /** Looks at what is there and takes of it, without waiting. Others may be faster: then it is less, or nothing. */
  async #take(lanes: readonly string[], steps: readonly TakeStep[], max: number): Promise<readonly RawEntry[]> {
    const names = lanes.map((lane) => this.#keys.of(lane));
    const group = groupOf(lanes[0] ?? '');
    const waiting = await this.#connections.run((redis) => runScript(redis, COUNT_WAITING, names, [group]));
    const shares = share(steps, numbers(waiting), max);
    if (shares.length === 0) return [];
    try {
      const replies = await this.#connections.run((redis) => {
        const reads = redis.pipeline();
        for (const { lane, count } of shares) {
          reads.xreadgroupBuffer('GROUP', group, this.#name, 'COUNT', count, 'STREAMS', names[lane] ?? '', '>');
        }
        // Emptied since the look: then nothing waits.
        return exec(reads, ['NOGROUP']);
      });
      return this.#brought(replies.flatMap((reply) => streams(this.#keys, reply)));
    } catch (error) {
      this.doubtLanes(lanes);
      throw error;
    }
  }

  /** Waits for the first entries: each lane's share of what is wanted. */
  async #wait<D>({ lanes, max, signal }: ReadRequest<D>, ms: number): Promise<readonly RawEntry[] | 'look-again'> {
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
      const ofEach = this.#shares.of(lanes, max);
      const found = streams(this.#keys, await this.#blockingRead(link.redis, lanes, ofEach, ms));
      this.#more = found.some((ofLane) => ofLane.length >= ofEach);
      return this.#brought(found);
    } catch (error) {
      if (isReply(error, 'UNBLOCKED')) return 'look-again';
      if (isReply(error, 'NOGROUP')) return await this.#createGroups(lanes);
      this.doubtLanes(lanes);
      if (isAborted(signal)) return [];
      throw toUnavailable(error, endpoint);
    } finally {
      state.settled = true;
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  #brought(found: readonly (readonly RawEntry[])[]): readonly RawEntry[] {
    this.#shares.brought(found.flatMap(([first]) => first?.lane ?? []));
    return found.flat();
  }

  /** All lanes need their group before they can be waited for: they are new, or the server came back empty. */
  async #createGroups(lanes: readonly string[]): Promise<'look-again'> {
    const names = lanes.map((lane) => this.#keys.of(lane));
    await this.#connections.run((redis) => runScript(redis, CREATE_GROUPS, names, [groupOf(lanes[0] ?? '')]));
    return 'look-again';
  }

  #blockingRead(redis: Redis, lanes: readonly string[], ofEach: number, ms: number): Promise<unknown> {
    const keys = lanes.map((lane) => this.#keys.of(lane));
    const [group, news] = [groupOf(lanes[0] ?? ''), keys.map(() => '>')];
    return redis.xreadgroupBuffer('GROUP', group, this.#name, 'COUNT', ofEach, 'BLOCK', ms, 'STREAMS', ...keys, ...news);
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

  /** The frame is sent again, so its payload stays. */
  async #giveBack(raw: readonly RawEntry[]): Promise<void> {
    const frames = raw.flatMap(({ lane, frame }) => (frame === undefined ? [] : [{ lane, frame }]));
    const gone = raw.map(({ lane, id }) => ({ lane, entry: id }));
    try {
      await new Changes(this.#keys).add(frames).remove(gone).apply(this.#connections);
    } catch {
      this.#doubt(raw);
    }
  }

  /** Finds entries that are pending with this process although it never saw them. */
  async #recover(): Promise<void> {
    const lanes = [...this.#doubtful];
    this.#doubtful.clear(); // What is doubted from now on is looked for again.
    const own = await pendingOf(this.#connections, this.#keys, lanes, this.#name, MAX_RECOVERED).catch((error: unknown) => {
      this.doubtLanes(lanes);
      throw error;
    });
    const kept = new HeldEntries();
    for (const { lane, id } of this.#backlog) kept.add({ lane, entry: id });
    this.#backlog.push(...own.filter(({ lane, id }) => !this.#held.has(lane, id) && !kept.has(lane, id)));
  }

  #doubt(entries: readonly { readonly lane: string }[]): void {
    this.doubtLanes(entries.map(({ lane }) => lane));
  }
}

/** Asked by a call, because it may have changed meanwhile. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
