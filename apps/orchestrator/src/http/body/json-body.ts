import type { IncomingMessage, ServerResponse } from 'node:http';
import { type JsonValue, ValidationError } from '@mainstay/types';
import { checkJson } from './check-json.ts';
import { requireJson } from './content-type.ts';
import { type BodyLimits, readBody } from './read-body.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads and parses a JSON body. An empty body is `undefined`, whatever its type: the route's schema says whether there
 * must be one.
 */
export async function jsonBody(request: IncomingMessage, response: ServerResponse, limits: BodyLimits): Promise<JsonValue | undefined> {
  const { 'content-type': type, 'content-encoding': encoding, 'content-length': length } = request.headers;
  if (type === undefined && encoding === undefined && (length ?? '0') === '0' && request.headers['transfer-encoding'] === undefined) {
    return undefined;
  }
  requireJson(type, encoding);
  const bytes = await readBody(request, response, limits);
  return bytes.byteLength === 0 ? undefined : parseJson(bytes);
}

/** One JSON value from UTF-8 bytes, checked by {@link checkJson}. */
export function parseJson(bytes: Uint8Array): JsonValue {
  const text = decode(bytes);
  checkJson(text);
  return JSON.parse(text) as JsonValue;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new ValidationError('MALFORMED_JSON', 'The body is not valid UTF-8', { cause: error });
  }
}
