/** Source of random bytes; the default is the operating system's. A simulation passes a seeded one. */
export type RandomBytes = (target: Uint8Array) => Uint8Array;

const systemRandom: RandomBytes = (target) => crypto.getRandomValues(target);

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * A UUID of version 7 (RFC 9562): 48 bits of milliseconds since 1970 and 74 random bits, so that ids sort by
 * their time of creation and neighbouring inserts touch neighbouring index pages.
 */
export function uuidv7(nowMs: number = Date.now(), random: RandomBytes = systemRandom): string {
  const bytes = random(new Uint8Array(16));
  for (let i = 0, ms = nowMs; i < 6; i++, ms /= 256) bytes[5 - i] = Math.floor(ms) % 256;
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  let text = '';
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += '-';
    text += HEX[bytes[i] ?? 0] ?? '';
  }
  return text;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for a UUID in its canonical lower-case form, of any version. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
