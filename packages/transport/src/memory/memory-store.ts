import { entryId, payloadName } from '../receipts.ts';
import type { Receipt } from '../transport.ts';
import type { Sealed } from '../wire/codec.ts';
import { MemoryStream } from './memory-stream.ts';

/** A connected process as the store sees it. */
export interface MemorySubscriber {
  readonly channels: ReadonlySet<string>;
  deliver(channel: string, frame: string): void;
}

/** What a Redis would hold: lanes, kinds, the epoch, and who listens. */
export class MemoryStore {
  readonly kinds = new Set<string>();
  /** By name. */
  readonly payloads = new Map<string, string>();
  readonly subscribers = new Map<string, MemorySubscriber>();
  epoch: string | undefined;
  readonly #lanes = new Map<string, MemoryStream>();
  readonly #readers = new Set<() => void>();
  /** Never goes back, so that a receipt from before a wipe names nothing afterwards. */
  #lastEntry = 0;

  lane(name: string): MemoryStream {
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const fresh = new MemoryStream();
    this.#lanes.set(name, fresh);
    return fresh;
  }

  /** Adds frames and their payloads; then blocked readers look again. */
  add(frames: readonly (Sealed & { readonly lane: string })[]): void {
    for (const { lane, frame, payload } of frames) {
      if (payload !== undefined) this.payloads.set(payload.name, payload.text);
      this.#lastEntry += 1;
      this.lane(lane).add(String(this.#lastEntry), frame);
    }
    for (const wake of [...this.#readers]) wake();
  }

  /** Removes an entry and its payload; one that is gone already is no fault. */
  remove(receipt: Receipt): void {
    this.lane(receipt.lane).remove(entryId(receipt));
    const payload = payloadName(receipt);
    if (payload !== undefined) this.payloads.delete(payload);
  }

  /** Calls `wake` whenever a frame was added, until the returned function is called. */
  watch(wake: () => void): () => void {
    this.#readers.add(wake);
    return () => this.#readers.delete(wake);
  }

  publish(channel: string, frame: string): void {
    for (const subscriber of this.subscribers.values()) {
      if (subscriber.channels.has(channel)) subscriber.deliver(channel, frame);
    }
  }

  /** Loses everything but the subscriptions, as a Redis does that was flushed. */
  wipe(): void {
    this.#lanes.clear();
    this.payloads.clear();
    this.kinds.clear();
    this.epoch = undefined;
  }
}
