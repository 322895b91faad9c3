import { entryId, payloadName } from '../receipts.ts';
import type { Receipt } from '../transport.ts';
import type { Sealed } from '../wire/codec.ts';
import type { Connections } from './connections.ts';
import { groupOf, type Keys } from './keys.ts';
import { APPLY, runScript } from './scripts.ts';

/** What goes to a lane. */
export interface Outgoing extends Sealed {
  readonly lane: string;
}

/** Ids in one operation of the script at most: its language bounds the arguments of a call. */
const MAX_IDS = 1_000;
/**
 * Payloads go with the acknowledgement of their entry. Those that a lane or a process left behind (a lane was removed by hand, a
 * process of another version acknowledged the entry) go after so long; a task may wait for a worker that long as well.
 */
export const PAYLOAD_TTL_MS = 7 * 24 * 3_600_000;

/** Changes of lanes that are made together, in one command and one atomic step; see {@link APPLY}. */
export class Changes {
  readonly #keys: Keys;
  readonly #names: string[] = [];
  readonly #args: (string | number)[] = [];

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  registerKinds(kinds: ReadonlySet<string>): this {
    const all = [...kinds];
    for (let from = 0; from < all.length; from += MAX_IDS) {
      const some = all.slice(from, from + MAX_IDS);
      this.#names.push(this.#keys.kinds);
      this.#args.push('kinds', some.length, ...some);
    }
    return this;
  }

  /** Appends frames to their lanes, in this order within a lane, and keeps their payloads. */
  add(outgoing: readonly Outgoing[]): this {
    const frames = new Map<string, string[]>();
    for (const { lane, frame, payload } of outgoing) {
      const known = frames.get(lane);
      if (known === undefined) frames.set(lane, [frame]);
      else known.push(frame);
      if (payload === undefined) continue;
      this.#names.push(this.#keys.payload(payload.name));
      this.#args.push('payload', PAYLOAD_TTL_MS, payload.text);
    }
    for (const [lane, some] of frames) {
      this.#names.push(this.#keys.of(lane));
      this.#args.push('add', some.length, ...some);
    }
    return this;
  }

  /** Acknowledges and deletes entries, and deletes their payloads. */
  remove(receipts: readonly Receipt[]): this {
    const ids = new Map<string, string[]>();
    for (const receipt of receipts) {
      const known = ids.get(receipt.lane);
      if (known === undefined) ids.set(receipt.lane, [entryId(receipt)]);
      else known.push(entryId(receipt));
      const payload = payloadName(receipt);
      if (payload === undefined) continue;
      this.#names.push(this.#keys.payload(payload));
      this.#args.push('drop', 0);
    }
    for (const [lane, all] of ids) {
      for (let from = 0; from < all.length; from += MAX_IDS) {
        const some = all.slice(from, from + MAX_IDS);
        this.#names.push(this.#keys.of(lane));
        this.#args.push('end', some.length + 1, groupOf(lane), ...some);
      }
    }
    return this;
  }

  async apply(connections: Connections): Promise<void> {
    if (this.#names.length === 0) return;
    await connections.run((redis) => runScript(redis, APPLY, this.#names, this.#args));
  }
}

/** Removes entries in one atomic step. */
export function remove(connections: Connections, keys: Keys, receipts: readonly Receipt[]): Promise<void> {
  return new Changes(keys).remove(receipts).apply(connections);
}
