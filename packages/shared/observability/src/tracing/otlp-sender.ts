import http, { type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import { MainstayError, toClassifiedError } from '@mainstay/types';
import { createRetry, dispositionOf } from '@mainstay/utils';
import { type PartialSuccess, readPartialSuccess } from './otlp-answer.ts';

export interface OtlpSettings {
  /** Where traces are posted to, the path included. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of one request, its repetitions included. */
  readonly timeoutMs: number;
}

export interface OtlpSender {
  /**
   * Posts one `ExportTraceServiceRequest`; again, with growing waits, after failures of the network and of the moment (OTLP 1.x: 429, 502,
   * 503, 504, with their Retry-After). Resolves with what the receiver refused of it; rejects when it was not taken.
   */
  send(body: Buffer): Promise<PartialSuccess>;
  close(): void;
}

/** Statuses after which the same request may be taken; others say that it never will. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** Of an answer, which is a few bytes or a text about an error. */
const MAX_ANSWER_BYTES = 64 * 1_024;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An answer that says that the request was not taken. */
class NotTaken extends Error {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;

  constructor({ status, headers }: Answer) {
    super(`the receiver of traces answered ${status}`);
    this.status = status;
    this.headers = headers;
  }
}

function shouldRetry(error: unknown): boolean {
  const cause = error instanceof MainstayError ? error.cause : undefined;
  return cause instanceof NotTaken ? PASSING.has(cause.status) : dispositionOf(error) === 'retryable';
}

/** Keeps one connection; one request at a time is expected. */
export function otlpSender({ url, headers, timeoutMs }: OtlpSettings): OtlpSender {
  const to = new URL(url);
  const { Agent, request } = to.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const common = { 'user-agent': 'OTel-OTLP-Exporter-Mainstay/1', ...headers, 'content-type': 'application/x-protobuf' };
  const retry = createRetry({
    ...{ name: 'export of spans', maxAttempts: 6, baseMs: 1_000, maxMs: 5_000, totalTimeoutMs: timeoutMs },
    shouldRetry,
  });

  const post = (body: Buffer, signal: AbortSignal): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const options = { method: 'POST', agent, signal, headers: { ...common, 'content-length': body.length } };
      const sent = request(to, options, (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length <= MAX_ANSWER_BYTES) chunks.push(chunk);
          else response.destroy();
        });
        response.on('error', reject);
        response.on('close', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });

  return {
    send: (body) =>
      retry.run(async ({ signal }) => {
        const answer = await post(body, signal);
        if (answer.status >= 200 && answer.status < 300) return readPartialSuccess(answer.body);
        throw toClassifiedError(new NotTaken(answer));
      }),
    close: () => {
      agent.destroy();
    },
  };
}
