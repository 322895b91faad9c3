import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What takes in traces by OTLP over HTTP (protobuf) and counts them. */
export interface TraceSink {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  counts(): { readonly requests: number; readonly bytes: number; readonly spans: number };
  close(): Promise<void>;
}

/** Listens on loopback, on any free port. It works beside what is measured and is no part of it, so of a body nothing is kept but what is counted. */
export async function openTraceSink(): Promise<TraceSink> {
  const counts = { requests: 0, bytes: 0, spans: 0 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url === '/v1/traces') {
        const body = Buffer.concat(chunks);
        counts.requests++;
        counts.bytes += body.length;
        counts.spans += countSpans(body);
      }
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts: () => ({ ...counts }),
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
  return count(body, 0, body.length, [1, 2, 2], 0);
}

/** Messages that lie at the end of this path of fields, in protobuf's wire format. Nothing is copied. */
function count(body: Buffer, from: number, to: number, path: readonly number[], depth: number): number {
  const at = { offset: from };
  let found = 0;
  while (at.offset < to) {
    const key = varint(body, at, to);
    switch (key & 7) {
      case 0:
        varint(body, at, to);
        break;
      case 1:
        at.offset += 8;
        break;
      case 2: {
        const length = varint(body, at, to);
        if (key >> 3 === path[depth]) found += depth === path.length - 1 ? 1 : count(body, at.offset, at.offset + length, path, depth + 1);
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
function varint(body: Buffer, at: { offset: number }, to: number): number {
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = at.offset < to ? body[at.offset++] : undefined;
    if (byte === undefined) throw new Error('this is no protobuf: it ends within a number');
    value += (byte & 127) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
}
