import { charCodeAt, isTraceparent, pooledRandom, type RandomBytes } from '@mainstay/types';

/** A position in a trace, as W3C Trace Context defines it. */
export interface TraceContext {
  /** 32 hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 hexadecimal digits, not all zero. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);
const LETTERS = 'a'.charCodeAt(0);

/** The `traceparent` of a new, sampled trace. */
export function newTraceparent(random: RandomBytes = pooledRandom): string {
  return formatTraceparent({ traceId: hexId(16, random), spanId: hexId(8, random), sampled: true });
}

/** A new span in the parent's trace; a new trace when the parent is not valid. */
export function childTraceparent(parent: string, random: RandomBytes = pooledRandom): string {
  const context = parseTraceparent(parent);
  return context === undefined ? newTraceparent(random) : formatTraceparent({ ...context, spanId: hexId(8, random) });
}

/** The parts of a `traceparent` of version 00; undefined when it is not valid. */
export function parseTraceparent(text: string): TraceContext | undefined {
  if (!isTraceparent(text)) return undefined;
  const traceId = validTraceIdOf(text);
  return traceId === undefined ? undefined : { traceId, spanId: text.slice(36, 52), sampled: isSampled(text) };
}

/** The trace id of a `traceparent` of version 00 that has been checked already, such as that of a message. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

/** The same; undefined where it, or the span id, is the invalid one of zeros only, which the form allows. */
export function validTraceIdOf(traceparent: string): string | undefined {
  return traceparent.startsWith(NO_TRACE, 3) || traceparent.startsWith(NO_SPAN, 36) ? undefined : traceIdOf(traceparent);
}

/** Whether such a checked `traceparent` is sampled: only its flag is looked at, which is asked for every attempt and change. */
export function isSampled(traceparent: string): boolean {
  const digit = charCodeAt(traceparent, 54);
  // '1' to '9' and 'a' to 'f': their codes are odd where the digits are, and where they are not
  return (digit & 1) === (digit < LETTERS ? 1 : 0);
}

/** The `traceparent` of version 00 for this position. */
export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

function hexId(bytes: number, random: RandomBytes): string {
  const id = Buffer.from(random(new Uint8Array(bytes)));
  if (id.every((byte) => byte === 0)) id[bytes - 1] = 1;
  return id.toString('hex');
}
