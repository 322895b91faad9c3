import type { TaskMessage, WorkerMessage } from '@mainstay/types';

/** What lies in a lane: a task, or a batch of messages of a worker. */
export type Body = TaskMessage | readonly WorkerMessage[];

export interface Entry {
  readonly id: string;
  readonly lane: string;
  readonly body: Body;
  readonly addedAt: number;
  /** Who read it and has not acknowledged it. */
  owner: string | undefined;
  readAt: number;
}

/** A stream with one group of readers: entries that wait, in order, and entries that somebody has read. */
export class Lane {
  readonly waiting = new Map<string, Entry>();
  readonly pending = new Map<string, Entry>();
  readonly readers = new Set<string>();

  take(owner: string, max: number, now: number): Entry[] {
    this.readers.add(owner);
    const taken: Entry[] = [];
    for (const entry of this.waiting.values()) {
      if (taken.length >= max) break;
      this.give(entry, owner, now);
      taken.push(entry);
    }
    return taken;
  }

  give(entry: Entry, owner: string, now: number): void {
    this.readers.add(owner);
    this.waiting.delete(entry.id);
    entry.owner = owner;
    entry.readAt = now;
    this.pending.set(entry.id, entry);
  }

  pendingOf(isOwner: (name: string) => boolean): Entry[] {
    return [...this.pending.values()].filter(({ owner }) => owner !== undefined && isOwner(owner));
  }

  remove(id: string): Entry | undefined {
    const entry = this.pending.get(id) ?? this.waiting.get(id);
    this.pending.delete(id);
    this.waiting.delete(id);
    return entry;
  }

  /** Forgets a reader that holds nothing. */
  forget(owner: string): void {
    if (this.pendingOf((name) => name === owner).length === 0) this.readers.delete(owner);
  }
}
