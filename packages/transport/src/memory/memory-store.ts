import { MemoryStream } from './memory-stream.ts';

/** A connected process as the store sees it. */
export interface MemorySubscriber {
  readonly channels: ReadonlySet<string>;
  deliver(channel: string, frame: string): void;
}

/** What a Redis would hold: lanes, kinds, the epoch, and who listens. */
export class MemoryStore {
  readonly kinds = new Set<string>();
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

  /** Adds frames; then blocked readers look again. */
  add(frames: readonly { readonly lane: string; readonly frame: string }[]): void {
    for (const { lane, frame } of frames) {
      this.#lastEntry += 1;
      this.lane(lane).add(String(this.#lastEntry), frame);
    }
    for (const wake of [...this.#readers]) wake();
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
    this.kinds.clear();
    this.epoch = undefined;
  }
}
