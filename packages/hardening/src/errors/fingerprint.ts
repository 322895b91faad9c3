import { createHash } from 'node:crypto';
import { type SerializedError, serializeError } from '@mainstay/types';
import { parseStack } from './stack.ts';

/** Frames of the stack that count; deeper ones say how the call came about, not what failed. */
const FRAMES = 5;
/** The error and so many causes less one count. */
const DEPTH = 3;

/** What changes from one occurrence to the next, and what stands in its place. The order matters. */
const VARIABLE: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b\d{4}-\d\d-\d\dT[\d:.]+Z?/g, '<time>'],
  [/\bhttps?:\/\/[^\s"')]+/gi, '<url>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '<address>'],
  [/(?:[A-Za-z]:)?(?:[/\\][\w.@+-]+){2,}/g, '<path>'],
  [/"[^"]{0,1000}"|'[^']{0,1000}'|`[^`]{0,1000}`/g, '<text>'],
  [/\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b/gi, '<id>'],
  [/\b(?=[\w-]*\d)(?=[\d_-]*[A-Za-z])[\w-]{16,}\b/g, '<id>'],
  [/\d+(?:\.\d+)?/g, '<n>'],
];

/** A message without what differs between occurrences of the same error: ids, times, addresses, paths, quoted text, numbers. */
export function messagePattern(message: string): string {
  const cut = message.slice(0, 500);
  return VARIABLE.reduce((text, [pattern, instead]) => text.replace(pattern, instead), cut).trim();
}

/** Function and file of the uppermost frames, without lines, columns and folders; those of Node and of libraries only where there are no others. */
export function framesOf(stack: string | undefined): string[] {
  const frames = parseStack(stack);
  const ours = frames.filter((frame) => frame.inApp);
  return (ours.length > 0 ? ours : frames).slice(0, FRAMES).map(({ name, file }) => `${name}@${file.split(/[/\\]/).at(-1) ?? file}`);
}

/**
 * What makes two errors the same: code, name and frames, or the message's pattern where there is no stack, of the error and of
 * its causes. Sixteen hexadecimal characters; stable over lines, ids, paths and processes.
 */
export function fingerprintOf(thrown: unknown): string {
  return fingerprintOfSerialized(serializeError(thrown, { stack: true }));
}

/** {@link fingerprintOf} for an error that was serialized with its stack. */
export function fingerprintOfSerialized(error: SerializedError): string {
  const parts = chainOf(error).flatMap(({ code, name, message, stack }) => {
    const frames = framesOf(stack);
    return [code, name, ...(frames.length > 0 ? frames : [messagePattern(message)])];
  });
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}

/**
 * Text that two errors of one process share only if they have the same fingerprint, found much faster than that; undefined where the
 * message counts.
 */
export function originOf(error: SerializedError): string | undefined {
  let origin = '';
  for (const { code, name, stack = '' } of chainOf(error)) {
    const begin = stack.indexOf('\n    at ');
    if (begin < 0) return undefined;
    origin += `${code}\n${name}${stack.slice(begin)}\n`;
  }
  return origin;
}

/** The error and its nearest causes. */
function chainOf(error: SerializedError): SerializedError[] {
  const chain: SerializedError[] = [];
  for (let one: SerializedError | undefined = error; one !== undefined && chain.length < DEPTH; one = one.cause) chain.push(one);
  return chain;
}
