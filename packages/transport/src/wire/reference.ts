import { hash } from 'node:crypto';
import { uuidv7 } from '@mainstay/types';

/** Text that the carrier keeps apart from the lane, under a name of its own. */
export interface Payload {
  readonly name: string;
  readonly text: string;
}

/** What a frame says of its payload. Since it is signed for a lane, so is the payload by its digest. */
export interface Reference {
  readonly name: string;
  /** Size of the payload. */
  readonly bytes: number;
  /** SHA-256 of the payload, base64url. */
  readonly digest: string;
}

/** First character of the text of a frame that refers to a payload; JSON never begins with it. */
const MARK = '&';
/** Frames with a reference are shorter than this. */
export const MAX_REFERENCE_FRAME = 256;
const REFERENCE = /^&([0-9a-f-]{36}) (\d{1,10}) ([A-Za-z0-9_-]{43})$/;

/** A payload of a new name and the text of the frame that refers to it. */
export function refer(text: string, bytes: number): { readonly payload: Payload; readonly text: string } {
  const name = uuidv7();
  return { payload: { name, text }, text: `${MARK}${name} ${String(bytes)} ${digestOf(text)}` };
}

export function isReference(text: string, start = 0): boolean {
  return text[start] === MARK;
}

/** The reference that a text of a frame is; undefined for one of another shape. */
export function toReference(text: string): Reference | undefined {
  const [, name, bytes, digest] = REFERENCE.exec(text) ?? [];
  return name === undefined || bytes === undefined || digest === undefined ? undefined : { name, bytes: Number(bytes), digest };
}

/** SHA-256 of a text, base64url. */
export function digestOf(text: string): string {
  return hash('sha256', text, 'base64url');
}
