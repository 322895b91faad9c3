import type { Codec } from '../wire/codec.ts';
import type { Reference } from '../wire/reference.ts';
import type { Connections } from './connections.ts';
import type { Keys } from './keys.ts';
import type { RawEntry } from './replies.ts';

/** An entry together with the payload that its frame refers to: `text` is undefined when it is not there. */
export interface WholeEntry extends RawEntry {
  readonly payload?: { readonly name: string; readonly text: string | undefined } | undefined;
}

/** Payloads fetched by one command have together about so many bytes at most, so that a command timeout covers a bounded amount. */
const FETCH_BYTES = 8 * 1024 * 1024;

/** Fetches the payloads of entries. Most entries have none, and then nothing is awaited. */
export class Payloads {
  readonly #connections: Connections;
  readonly #keys: Keys;
  readonly #codec: Codec;
  readonly #maxBytes: number;

  constructor(connections: Connections, keys: Keys, codec: Codec, maxBytes: number) {
    this.#connections = connections;
    this.#keys = keys;
    this.#codec = codec;
    this.#maxBytes = maxBytes;
  }

  /** The entries themselves, or a promise of them with their payloads; it rejects when these cannot be fetched. */
  complete(raw: readonly RawEntry[]): readonly WholeEntry[] | Promise<readonly WholeEntry[]> {
    const referenceOf = ({ lane, frame }: RawEntry): Reference | undefined =>
      frame === undefined ? undefined : this.#codec.referenceOf(lane, frame);
    const first = raw.findIndex((entry) => referenceOf(entry) !== undefined);
    return first < 0 ? raw : this.#fill(raw, raw.map(referenceOf));
  }

  async #fill(raw: readonly RawEntry[], references: readonly (Reference | undefined)[]): Promise<readonly WholeEntry[]> {
    const texts = await this.#fetch(references.filter((reference) => reference !== undefined));
    return raw.map((entry, index) => {
      const reference = references[index];
      return reference === undefined ? entry : { ...entry, payload: { name: reference.name, text: texts.get(reference.name) } };
    });
  }

  async #fetch(references: readonly Reference[]): Promise<ReadonlyMap<string, string>> {
    const texts = new Map<string, string>();
    for (const names of chunks(references, this.#maxBytes)) {
      const reply = await this.#connections.run((redis) => redis.mget(names.map((name) => this.#keys.payload(name))));
      names.forEach((name, index) => {
        const text = reply[index];
        if (typeof text === 'string') texts.set(name, text);
      });
    }
    return texts;
  }
}

/** Names in parts of bounded size, without those that would be refused for their own. */
function chunks(references: readonly Reference[], maxBytes: number): readonly (readonly string[])[] {
  const parts: string[][] = [];
  let room = 0;
  for (const { name, bytes } of references) {
    if (bytes > maxBytes) continue;
    const last = parts.at(-1);
    if (last === undefined || bytes > room) {
      parts.push([name]);
      room = FETCH_BYTES;
    } else {
      last.push(name);
    }
    room -= bytes;
  }
  return parts;
}
