import type { Emitted, JsonValue, ReportMessage } from '@mainstay/types';
import { type Deferred, deferred } from '@mainstay/utils';

/** Events and bytes of events that may wait to be sent, per attempt. */
const MAX_EVENTS = 500;
const MAX_EVENT_BYTES = 512 * 1024;

/** What a report says beyond that the attempt runs. */
export type NewsParts = Pick<ReportMessage, 'progress' | 'checkpoint' | 'events'>;

/** News taken for sending, and how to tell those who wait for it. */
export interface TakenNews {
  readonly parts: NewsParts;
  /** The report has left this process, or never will. */
  settle(error?: unknown): void;
}

/** What an attempt has to tell and has not told yet: the latest progress, the latest checkpoint, all events. */
export class News {
  #progress: ReportMessage['progress'];
  #checkpoint: { readonly state: JsonValue } | undefined;
  #events: Emitted[] = [];
  #eventBytes = 0;
  /** Those who wait for the news to be sent. */
  #waiting: Deferred | undefined;
  #closed: (() => unknown) | undefined;

  get any(): boolean {
    return this.#progress !== undefined || this.#checkpoint !== undefined || this.#events.length > 0;
  }

  /** True when somebody waits for it to be sent. */
  get urgent(): boolean {
    return this.#waiting !== undefined;
  }

  get full(): boolean {
    return this.#events.length >= MAX_EVENTS || this.#eventBytes >= MAX_EVENT_BYTES;
  }

  setProgress(progress: NonNullable<ReportMessage['progress']>): void {
    this.#progress = progress;
  }

  addEvent(event: Emitted, bytes: number): void {
    this.#events.push(event);
    this.#eventBytes += bytes;
  }

  setCheckpoint(state: JsonValue): void {
    this.#checkpoint = { state };
  }

  /** Resolves when all that is here now has been sent; rejects when it will not be. */
  sent(): Promise<void> {
    if (this.#closed !== undefined) return quietly(Promise.reject(asError(this.#closed())));
    this.#waiting ??= deferred();
    return quietly(this.#waiting.promise);
  }

  /** Takes everything for a report. */
  take(): TakenNews {
    const waiting = this.#waiting;
    const parts: NewsParts = {
      ...(this.#progress === undefined ? {} : { progress: this.#progress }),
      ...(this.#checkpoint === undefined ? {} : { checkpoint: this.#checkpoint.state }),
      events: this.#events,
    };
    this.#progress = undefined;
    this.#checkpoint = undefined;
    this.#events = [];
    this.#eventBytes = 0;
    this.#waiting = undefined;
    return {
      parts,
      settle: (error) => {
        if (error === undefined) waiting?.resolve();
        else waiting?.reject(asError(error));
      },
    };
  }

  /** The attempt is over: takes what is left, which goes out with the result. Whoever comes later is rejected with the reason. */
  close(reason: () => unknown): TakenNews {
    this.#closed = reason;
    return this.take();
  }
}

/** A promise whose rejection is no fault of the process when the agent does not look at it. */
export function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
