import { ValidationError } from '@mainstay/types';
import type { Refusal } from '../transport.ts';
import type { Signer } from './signer.ts';

/** Version of the frame, not of the messages in it. */
const FRAME_VERSION = 'v1';
const KEY_START = FRAME_VERSION.length + 1;
/** Room for version, key id, mac and separators. */
const HEADER_CHARACTERS = 128;
/** Default limit of one message, in bytes of its JSON. */
export const DEFAULT_MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

export interface Refused {
  readonly ok: false;
  readonly refusal: Refusal;
}

/** The text of a frame, whose signature and size are right; or why not. */
export type Opened = { readonly ok: true; readonly text: string } | Refused;

/** JSON and its size. */
export interface Json {
  readonly text: string;
  readonly bytes: number;
}

/** `v1.<key id>.<mac>.<text>` for a lane. */
export function seal(signer: Signer, lane: string, text: string): string {
  return `${FRAME_VERSION}.${signer.sign(lane, text)}.${text}`;
}

/** Checks size and signature. `maxBytes` limits the text. */
export function open(signer: Signer, lane: string, frame: string, maxBytes: number): Opened {
  if (frame.length > maxBytes + HEADER_CHARACTERS) return refuseLarge(lane, frame.length, maxBytes);
  const start = textStart(frame);
  if (start === 0) return refuse(lane, 'MESSAGE_INVALID', 'it is not a frame of this version');
  const text = frame.slice(start);
  // A text of that many characters may still have more bytes.
  const bytes = text.length * 3 > maxBytes ? Buffer.byteLength(text) : 0;
  if (bytes > maxBytes) return refuseLarge(lane, bytes, maxBytes);
  const macStart = frame.indexOf('.', KEY_START) + 1;
  if (!signer.verify(lane, text, frame.slice(KEY_START, macStart - 1), frame.slice(macStart, start - 1))) {
    return refuse(lane, 'MESSAGE_SIGNATURE_INVALID', 'its signature is wrong, of another lane, or of an unknown key');
  }
  return { ok: true, text };
}

/** Where the text of a frame begins; 0 when it is no frame of this version. */
export function textStart(frame: string): number {
  if (!frame.startsWith(FRAME_VERSION) || frame[KEY_START - 1] !== '.') return 0;
  const macStart = frame.indexOf('.', KEY_START) + 1;
  return macStart === 0 ? 0 : frame.indexOf('.', macStart) + 1;
}

/** A message as JSON, within the limit. */
export function toJson(message: { readonly type: string }, maxBytes: number): Json {
  const text = JSON.stringify(message);
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return { text, bytes };
  throw new ValidationError(
    'MESSAGE_TOO_LARGE',
    `The ${message.type} message has ${String(bytes)} bytes; the limit maxMessageBytes is ${String(maxBytes)}. Pass large data by reference.`,
    { details: { type: message.type, bytes, maxMessageBytes: maxBytes } },
  );
}

/** Puts together a refusal. */
export function refuse(lane: string, code: Refusal['code'], reason: string): Refused {
  return { ok: false, refusal: { lane, code, reason } };
}

export function refuseLarge(lane: string, bytes: number, maxBytes: number): Refused {
  return refuse(lane, 'MESSAGE_TOO_LARGE', `it has ${String(bytes)} bytes; the limit maxMessageBytes is ${String(maxBytes)}`);
}
