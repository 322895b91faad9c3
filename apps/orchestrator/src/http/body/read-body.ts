import type { IncomingMessage } from 'node:http';
import { CancelledError, ValidationError } from '@mainstay/types';

/** A body that is too large is read (and thrown away) up to this many times the limit, so that the client gets its answer. */
const DISCARD_FACTOR = 4;

/** Reads a request's body, at most `maxBytes` of it; longer ones are refused with PAYLOAD_TOO_LARGE. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes * DISCARD_FACTOR) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes * DISCARD_FACTOR) break;
      if (bytes <= maxBytes) chunks.push(chunk);
    }
  } catch (error) {
    throw new CancelledError('CANCELLED', 'The client went away while it sent the body', { cause: error });
  }
  if (bytes > maxBytes) throw tooLarge(maxBytes);
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): ValidationError {
  return new ValidationError('PAYLOAD_TOO_LARGE', `The body has more than ${maxBytes} bytes`, {
    details: { limit: 'MAINSTAY_MAX_BODY_BYTES', maxBytes },
  });
}
