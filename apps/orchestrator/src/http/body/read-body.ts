import type { IncomingMessage } from 'node:http';
import { CancelledError, ValidationError } from '@mainstay/types';

/** A body that is too large is read (and thrown away) up to this many times the limit, so that the client gets its answer. */
const DISCARD_FACTOR = 4;

/** Reads a request's body, at most `maxBytes` of it; longer ones are refused with PAYLOAD_TOO_LARGE. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes * DISCARD_FACTOR) return Promise.reject(tooLarge(maxBytes));
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes <= maxBytes) chunks.push(chunk);
    else if (bytes > maxBytes * DISCARD_FACTOR) {
      request.pause();
      reject(tooLarge(maxBytes));
    }
  });
  request.on('end', () => {
    if (bytes > maxBytes) reject(tooLarge(maxBytes));
    else resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
  });
  const gone = (cause?: unknown): void => {
    reject(new CancelledError('CANCELLED', 'The client went away while it sent the body', { cause }));
  };
  request.on('error', gone);
  request.on('close', () => {
    if (!request.complete) gone();
  });
  return promise;
}

function tooLarge(maxBytes: number): ValidationError {
  return new ValidationError('PAYLOAD_TOO_LARGE', `The body has more than ${maxBytes} bytes`, {
    details: { limit: 'MAINSTAY_MAX_BODY_BYTES', maxBytes },
  });
}
