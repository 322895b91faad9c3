import type { JsonValue } from '@mainstay/types';

/**
 * JSON text that jsonb and Prisma can hold, and that plain text may be cast to jsonb from. jsonb refuses NUL and lone surrogates, which JSON allows, so each of them is kept
 * as U+F8FF and four hex digits; U+F8FF itself likewise, and the first letter of "__proto__", which Prisma drops as a key.
 * The way back is exact.
 */
export function encodeJson(value: unknown): string {
  return escapeJson(JSON.stringify(value));
}

/**
 * What {@link encodeJson} makes of a text of JSON. The searches that tell whether there is anything to do begin with characters that are
 * rare in JSON: one that begins with a quote takes ten times as long.
 */
export function escapeJson(text: string): string {
  return text.includes('\\u') || text.includes(ESCAPE) || text.includes(PROTO_NAME) ? text.replace(AWKWARD, escapeAwkward) : text;
}

/** The value of a text that {@link encodeJson} made. */
export function decodeJson(text: string): JsonValue {
  return JSON.parse(text.includes(ESCAPE) ? text.replace(ESCAPED, String.raw`\u$1`) : text) as JsonValue;
}

/** Like {@link decodeJson} for a value that was parsed by somebody else. */
export function decodeParsed(value: unknown): JsonValue {
  const text = JSON.stringify(value);
  return text.includes(ESCAPE) ? decodeJson(text) : (value as JsonValue);
}

/** Text that a text column can hold, and back: see {@link encodeJson}. */
export function encodeText(text: string): string {
  return text.isWellFormed() && !text.includes('\0') && !text.includes(ESCAPE) ? text : (JSON.parse(encodeJson(text)) as string);
}

export function decodeText(text: string): string {
  return text.includes(ESCAPE) ? (decodeParsed(text) as string) : text;
}

const ESCAPE = '\uf8ff';
const PROTO_NAME = '__proto__';
const PROTO = `"${PROTO_NAME}"`;
/** Any escape of JSON text, whole, so that an escaped backslash before a `u` is not taken for one; and our own sign. */
const AWKWARD = /\\(?:u[0-9a-f]{4}|.)|\uf8ff|"__proto__"/g;
const ESCAPED = /\uf8ff([0-9a-f]{4})/g;

function escapeAwkward(found: string): string {
  if (found === ESCAPE) return `${ESCAPE}f8ff`;
  if (found === PROTO) return `"${ESCAPE}005f_proto__"`;
  return found === '\\u0000' || /^\\ud[89a-f]/.test(found) ? ESCAPE + found.slice(2) : found;
}
