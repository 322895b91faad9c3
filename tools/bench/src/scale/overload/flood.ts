import { setTimeout as delay } from 'node:timers/promises';
import { PipelinedConnection } from './pipelined-connection.ts';
import { requestText } from './request-text.ts';
import type { Answer } from './response-parser.ts';

/** Answers of one second. */
export interface SecondCounts {
  accepted: number;
  tooMany: number;
  unavailable: number;
  /** Any other status. */
  other: number;
  /** Requests whose connection broke before they were answered. */
  broken: number;
}

export interface FloodFigures {
  /** Ids of the runs that were accepted, one each. */
  readonly ids: readonly string[];
  readonly seconds: readonly Readonly<SecondCounts>[];
  /** Refusals (429, 503) without a usable Retry-After. */
  readonly withoutRetryAfter: number;
  readonly requests: number;
  readonly ms: number;
}

export interface FloodOptions {
  readonly port: number;
  readonly authorization: string;
  readonly body: string;
  readonly runs: number;
  readonly connections: number;
  readonly signal: AbortSignal;
}

const TICK_MS = 50;
const BROKEN_RETRY_MS = 1_000;

/**
 * Posts all runs at once, each connection its share without waiting for answers; a run that is refused is posted again
 * when its Retry-After is over. Resolves when all are accepted.
 */
export async function flood(options: FloodOptions): Promise<FloodFigures> {
  const under = new Flood(options);
  try {
    under.send(options.runs);
    while (under.ids.length < options.runs) {
      await delay(TICK_MS, undefined, { signal: options.signal });
      under.sendDue();
    }
    return under.figures();
  } finally {
    under.close();
  }
}

class Flood {
  readonly ids: string[] = [];
  readonly #begun = performance.now();
  readonly #seconds: SecondCounts[] = [];
  /** How many requests are to be sent again at which time. */
  readonly #due = new Map<number, number>();
  readonly #connections: readonly PipelinedConnection[];
  #withoutRetryAfter = 0;
  #requests = 0;

  constructor({ port, authorization, body, connections }: FloodOptions) {
    const request = requestText({ port, authorization, body });
    const onAnswer = (answer: Answer): void => {
      this.#onAnswer(answer);
    };
    const onBroken = (requests: number): void => {
      this.#now().broken += requests;
      this.#again(requests, BROKEN_RETRY_MS);
    };
    this.#connections = Array.from({ length: connections }, () => new PipelinedConnection(port, request, onAnswer, onBroken));
  }

  send(count: number): void {
    this.#requests += count;
    const share = Math.ceil(count / this.#connections.length);
    for (const [index, connection] of this.#connections.entries()) {
      const own = Math.min(share, count - index * share);
      if (own > 0) connection.send(own);
    }
  }

  sendDue(): void {
    for (const [at, count] of [...this.#due]) {
      if (at > performance.now()) continue;
      this.#due.delete(at);
      this.send(count);
    }
  }

  figures(): FloodFigures {
    return {
      ids: this.ids,
      seconds: this.#seconds,
      withoutRetryAfter: this.#withoutRetryAfter,
      requests: this.#requests,
      ms: performance.now() - this.#begun,
    };
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  #onAnswer({ status, retryAfterS, body }: Answer): void {
    const counts = this.#now();
    if (status === 202) {
      counts.accepted += 1;
      this.ids.push((JSON.parse(body) as { readonly id: string }).id);
      return;
    }
    counts[status === 429 ? 'tooMany' : status === 503 ? 'unavailable' : 'other'] += 1;
    const usable = retryAfterS !== undefined && retryAfterS > 0;
    if ((status === 429 || status === 503) && !usable) this.#withoutRetryAfter += 1;
    this.#again(1, usable ? retryAfterS * 1_000 : BROKEN_RETRY_MS);
  }

  #again(count: number, afterMs: number): void {
    const at = Math.ceil((performance.now() + afterMs) / TICK_MS) * TICK_MS;
    this.#due.set(at, (this.#due.get(at) ?? 0) + count);
  }

  #now(): SecondCounts {
    const second = Math.floor((performance.now() - this.#begun) / 1_000);
    for (;;) {
      const found = this.#seconds[second];
      if (found !== undefined) return found;
      this.#seconds.push({ accepted: 0, tooMany: 0, unavailable: 0, other: 0, broken: 0 });
    }
  }
}
