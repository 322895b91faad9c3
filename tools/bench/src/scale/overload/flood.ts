import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, ResponseParser } from './response-parser.ts';

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
  const { port, authorization, body, runs, connections, signal } = options;
  const request = [
    'POST /api/v1/runs HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    `Authorization: ${authorization}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
  const begun = performance.now();
  const ids: string[] = [];
  const seconds: SecondCounts[] = [];
  /** When how many requests are to be sent again. */
  const due = new Map<number, number>();
  let withoutRetryAfter = 0;
  let requests = 0;

  const now = (): SecondCounts => {
    const second = Math.floor((performance.now() - begun) / 1_000);
    while (seconds.length <= second) seconds.push({ accepted: 0, tooMany: 0, unavailable: 0, other: 0, broken: 0 });
    return seconds[second] as SecondCounts;
  };
  const again = (count: number, afterMs: number): void => {
    const at = Math.ceil((performance.now() + afterMs) / TICK_MS) * TICK_MS;
    due.set(at, (due.get(at) ?? 0) + count);
  };
  const onAnswer = ({ status, retryAfterS, body: text }: Answer): void => {
    const counts = now();
    if (status === 202) {
      counts.accepted += 1;
      ids.push((JSON.parse(text) as { readonly id: string }).id);
      return;
    }
    counts[status === 429 ? 'tooMany' : status === 503 ? 'unavailable' : 'other'] += 1;
    const usable = retryAfterS !== undefined && retryAfterS > 0;
    if ((status === 429 || status === 503) && !usable) withoutRetryAfter += 1;
    again(1, usable ? retryAfterS * 1_000 : BROKEN_RETRY_MS);
  };
  const onBroken = (count: number): void => {
    now().broken += count;
    again(count, BROKEN_RETRY_MS);
  };

  const open = Array.from({ length: connections }, () => new PipelinedConnection(port, request, onAnswer, onBroken));
  const send = (count: number): void => {
    requests += count;
    const share = Math.ceil(count / open.length);
    for (let sent = 0, index = 0; sent < count; sent += share, index++) open[index]?.send(Math.min(share, count - sent));
  };
  try {
    send(runs);
    while (ids.length < runs) {
      await delay(TICK_MS, undefined, { signal });
      for (const [at, count] of [...due]) {
        if (at > performance.now()) continue;
        due.delete(at);
        send(count);
      }
    }
    return { ids, seconds, withoutRetryAfter, requests, ms: performance.now() - begun };
  } finally {
    for (const connection of open) connection.close();
  }
}

/** A connection on which the same request is sent again and again, without waiting for the answers. */
class PipelinedConnection {
  readonly #port: number;
  readonly #request: string;
  readonly #onAnswer: (answer: Answer) => void;
  readonly #onBroken: (requests: number) => void;
  #socket: Socket | undefined;
  #unanswered = 0;

  constructor(port: number, request: string, onAnswer: (answer: Answer) => void, onBroken: (requests: number) => void) {
    this.#port = port;
    this.#request = request;
    this.#onAnswer = onAnswer;
    this.#onBroken = onBroken;
  }

  send(count: number): void {
    this.#unanswered += count;
    this.#socket ??= this.#connect();
    this.#socket.write(this.#request.repeat(count));
  }

  close(): void {
    this.#unanswered = 0;
    this.#socket?.destroy();
  }

  /** What a broken connection leaves unanswered is told once; the next request opens another one. */
  #connect(): Socket {
    const socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true });
    const parser = new ResponseParser();
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      try {
        for (const answer of parser.push(chunk)) {
          this.#unanswered -= 1;
          this.#onAnswer(answer);
        }
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      const lost = this.#unanswered;
      this.#unanswered = 0;
      this.#socket = undefined;
      if (lost > 0) this.#onBroken(lost);
    });
    return socket;
  }
}
