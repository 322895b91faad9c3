import type { IncomingHttpHeaders } from 'node:http';
import { type BodyServer, startBodyServer } from './body-server.ts';
import { readSpans, type ReceivedSpan } from './otlp-wire.ts';

/** A real receiver of traces: OTLP over HTTP, as protobuf. */
export class OtlpReceiver implements AsyncDisposable {
  readonly spans: ReceivedSpan[];
  readonly headers: IncomingHttpHeaders[];
  readonly #server: BodyServer;

  private constructor(server: BodyServer, spans: ReceivedSpan[], headers: IncomingHttpHeaders[]) {
    this.#server = server;
    this.spans = spans;
    this.headers = headers;
  }

  static async start(): Promise<OtlpReceiver> {
    const spans: ReceivedSpan[] = [];
    const headers: IncomingHttpHeaders[] = [];
    const server = await startBodyServer((body, request, response) => {
      headers.push(request.headers);
      const isTraces = request.url === '/v1/traces';
      if (isTraces) spans.push(...readSpans(body));
      response.writeHead(isTraces ? 200 : 404, { 'content-type': 'application/x-protobuf' }).end();
    });
    return new OtlpReceiver(server, spans, headers);
  }

  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  /** Of one trace, in the order of their beginning. */
  trace(traceId: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId).sort((a, b) => a.startMs - b.startMs);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#server[Symbol.asyncDispose]();
  }
}
