import { hexDigits } from './hex-digits.ts';

/** Source of random bytes; the default is the operating system's. A simulation passes a seeded one. */
export type RandomBytes = (target: Uint8Array) => Uint8Array;

/** Random bytes are fetched in stock: a call for 16 of them costs almost as much as one for 4,096. */
const pool = new Uint8Array(4_096);
let used = pool.length;

/** Random bytes of the operating system, from that stock. */
export const pooledRandom: RandomBytes = (target) => {
  if (used + target.length > pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  for (let i = 0; i < target.length; i++) target[i] = pool[used + i] ?? 0;
  used += target.length;
  return target;
};

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const hex = (byte: number | undefined): string => HEX[byte ?? 0] ?? '';

/** Filled anew by every call; nothing of it is kept. */
const scratch = new Uint8Array(16);

/**
 * A UUID of version 7 (RFC 9562): 48 bits of milliseconds since 1970 and 74 random bits, so that ids sort by
 * their time of creation and neighbouring inserts touch neighbouring index pages.
 */
export function uuidv7(nowMs: number = Date.now(), random: RandomBytes = pooledRandom): string {
  const bytes = random(scratch);
  const version = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  const variant = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const tail = hex(bytes[10]) + hex(bytes[11]) + hex(bytes[12]) + hex(bytes[13]) + hex(bytes[14]) + hex(bytes[15]);
  return `${timePrefix(nowMs)}-${hex(version)}${hex(bytes[7])}-${hex(variant)}${hex(bytes[9])}-${tail}`;
}

let prefixMs = 0;
let prefix = '00000000-0000';

/** The first 12 digits with their dash. Many ids are made within a millisecond, and all begin alike. */
function timePrefix(nowMs: number): string {
  const ms = Math.floor(nowMs) % 2 ** 48;
  if (ms !== prefixMs) {
    const digits = ms.toString(16).padStart(12, '0');
    prefix = `${digits.slice(0, 8)}-${digits.slice(8)}`;
    prefixMs = ms;
  }
  return prefix;
}

/** When an id of version 7 was made, in milliseconds since 1970; undefined for other ids. */
export function uuidTime(id: string): number | undefined {
  return id[14] === '7' && isUuid(id) ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;
}

const UUID = new RegExp(`^${[8, 4, 4, 4, 12].map(hexDigits).join('-')}$`);

/** True for a UUID in its canonical lower-case form, of any version. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

const TRACEPARENT = new RegExp(`^00-${[32, 16, 2].map(hexDigits).join('-')}$`);

/** True for a `traceparent` of W3C Trace Context, version 00, by its form: it allows ids of zeros only, which are invalid. */
export function isTraceparent(text: string): boolean {
  return TRACEPARENT.test(text);
}
