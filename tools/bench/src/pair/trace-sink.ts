import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What takes in traces by OTLP over HTTP (protobuf) and counts them. */
export interface TraceSink {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  counts(): { readonly requests: number; readonly bytes: number; readonly spans: number };
  close(): Promise<void>;
}

/** Listens on loopback, on any free port. Spans are counted when they are asked for, so that it costs little while others work. */
export async function openTraceSink(): Promise<TraceSink> {
  const bodies: Buffer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url === '/v1/traces') bodies.push(Buffer.concat(chunks));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts: () => ({
      requests: bodies.length,
      bytes: bodies.reduce((sum, { length }) => sum + length, 0),
      spans: bodies.reduce((sum, body) => sum + countSpans(body), 0),
    }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** Of an `ExportTraceServiceRequest`: resource spans (1), in each scope spans (2), in each spans (2). */
export function countSpans(body: Buffer): number {
  const scopes = messagesOf(body, 1).flatMap((resource) => messagesOf(resource, 2));
  return scopes.reduce((sum, scope) => sum + messagesOf(scope, 2).length, 0);
}

/** The values of a field that holds bytes, in protobuf's wire format. */
function messagesOf(message: Buffer, field: number): readonly Buffer[] {
  const found: Buffer[] = [];
  const at = { offset: 0 };
  while (at.offset < message.length) {
    const key = varint(message, at);
    switch (key & 7) {
      case 0:
        varint(message, at);
        break;
      case 1:
        at.offset += 8;
        break;
      case 2: {
        const length = varint(message, at);
        if (key >> 3 === field) found.push(message.subarray(at.offset, at.offset + length));
        at.offset += length;
        break;
      }
      case 5:
        at.offset += 4;
        break;
      default:
        throw new Error(`this is no protobuf: wire type ${key & 7} at byte ${at.offset}`);
    }
  }
  return found;
}

/** Lengths and keys are small: what a double holds is enough, and the rest of a greater number is only passed over. */
function varint(message: Buffer, at: { offset: number }): number {
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = message[at.offset++];
    if (byte === undefined) throw new Error('this is no protobuf: it ends within a number');
    value += (byte & 127) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
}
