import { ValidationError } from '@mainstay/types';
import type { Refusal } from '../transport.ts';
import type { Signer } from './signer.ts';

/** Version of the frame, not of the messages in it. */
const FRAME_VERSION = 'v1';
/** Room for version, key id, mac and separators. */
const HEADER_CHARACTERS = 128;
/** Default limit of one message, in bytes of its JSON. */
export const DEFAULT_MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** What a frame turned out to be. */
export type Opened = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly refusal: Refusal };

/** `v1.<key id>.<mac>.<json>` for a lane. */
export function seal(signer: Signer, lane: string, json: string): string {
  return `${FRAME_VERSION}.${signer.sign(lane, json)}.${json}`;
}

/** Checks size and signature, and only then parses. `maxBytes` limits the JSON. */
export function open(signer: Signer, lane: string, frame: string, maxBytes: number): Opened {
  if (frame.length > maxBytes + HEADER_CHARACTERS) return tooLarge(lane, frame.length, maxBytes);
  const keyStart = FRAME_VERSION.length + 1;
  const macStart = frame.indexOf('.', keyStart) + 1;
  const jsonStart = macStart === 0 ? 0 : frame.indexOf('.', macStart) + 1;
  if (jsonStart === 0 || !frame.startsWith(`${FRAME_VERSION}.`))
    return refused(lane, 'MESSAGE_INVALID', 'it is not a frame of this version');
  const json = frame.slice(jsonStart);
  const bytes = Buffer.byteLength(json);
  if (bytes > maxBytes) return tooLarge(lane, bytes, maxBytes);
  if (!signer.verify(lane, json, frame.slice(keyStart, macStart - 1), frame.slice(macStart, jsonStart - 1))) {
    return refused(lane, 'MESSAGE_SIGNATURE_INVALID', 'its signature is wrong, of another lane, or of an unknown key');
  }
  try {
    return { ok: true, value: JSON.parse(json) };
  } catch {
    return refused(lane, 'MESSAGE_INVALID', 'it does not hold JSON');
  }
}

/** A message as JSON, within the limit. */
export function toJson(message: { readonly type: string }, maxBytes: number): string {
  const json = JSON.stringify(message);
  const bytes = Buffer.byteLength(json);
  if (bytes <= maxBytes) return json;
  throw new ValidationError(
    'MESSAGE_TOO_LARGE',
    `The ${message.type} message has ${String(bytes)} bytes; the limit maxMessageBytes is ${String(maxBytes)}. Pass large data by reference.`,
    { details: { type: message.type, bytes, maxMessageBytes: maxBytes } },
  );
}

/** Puts together a refusal. */
export function refused(lane: string, code: Refusal['code'], reason: string): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: { lane, code, reason } };
}

function tooLarge(lane: string, bytes: number, maxBytes: number): Opened {
  return refused(lane, 'MESSAGE_TOO_LARGE', `it has ${String(bytes)} bytes; the limit maxMessageBytes is ${String(maxBytes)}`);
}
