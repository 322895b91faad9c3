import type { IncomingMessage, ServerResponse } from 'node:http';
import { CancelledError, ValidationError } from '@mainstay/types';
import type { BodyBudget } from './body-budget.ts';

/** A body that is refused is read (and thrown away) up to this many times the limit, so that the client gets its answer. */
const DISCARD_FACTOR = 4;

export interface BodyLimits {
  /** Of one body. */
  readonly maxBytes: number;
  readonly budget: BodyBudget;
}

/**
 * Reads a request's body; its bytes count against the budget until the response is closed. Rejects with PAYLOAD_TOO_LARGE,
 * with OVERLOADED when the budget is used up, and with CANCELLED when the client goes away.
 */
export function readBody(request: IncomingMessage, response: ServerResponse, { maxBytes, budget }: BodyLimits): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes * DISCARD_FACTOR) return Promise.reject(tooLarge(maxBytes));
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  let chunks: Buffer[] = [];
  let bytes = 0;
  let held = 0;
  let refusal: Error | undefined;

  request.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    refusal ??= bytes > maxBytes ? tooLarge(maxBytes) : budget.take(chunk.byteLength);
    if (refusal === undefined) {
      held += chunk.byteLength;
      chunks.push(chunk);
      return;
    }
    chunks = [];
    if (bytes <= maxBytes * DISCARD_FACTOR) return;
    request.pause();
    reject(refusal);
  });
  request.on('end', () => {
    if (refusal !== undefined) reject(refusal);
    else resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
  });
  request.on('error', (cause) => {
    reject(gone(cause));
  });
  request.on('close', () => {
    if (!request.complete) reject(gone());
  });
  response.on('close', () => {
    budget.give(held);
  });
  return promise;
}

function gone(cause?: unknown): CancelledError {
  return new CancelledError('CANCELLED', 'The client went away while it sent the body', { cause });
}

function tooLarge(maxBytes: number): ValidationError {
  return new ValidationError('PAYLOAD_TOO_LARGE', `The body has more than ${maxBytes} bytes`, {
    details: { limit: 'MAINSTAY_MAX_BODY_BYTES', maxBytes },
  });
}
