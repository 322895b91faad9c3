import { charCodeAt } from '@mainstay/types';

const TWO_32 = 4_294_967_296;
/** What is shorter is copied here: a call of the runtime takes longer than its bytes. */
const SHORT = 64;
/** Bytes of a tag, and of a length, at most. */
const MAX_TAG = 5;
const MAX_LENGTH = 5;
/** Value of a hexadecimal digit by the code of its character. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => Number.parseInt(String.fromCharCode(code), 16) || 0);

/**
 * A protobuf message in the making (https://protobuf.dev/programming-guides/encoding/): each method writes a field, its tag before it. Grows
 * as it must.
 */
export class ByteWriter {
  #bytes: Buffer;
  #at = 0;

  constructor(initialBytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** Bytes that were written so far. */
  get length(): number {
    return this.#at;
  }

  /** Bytes that it holds memory for. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Forgets what was written after so many bytes; views of it must not be used any more. */
  rewind(length: number): void {
    this.#at = length;
  }

  /** A view of what was written. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  /** A whole number from −2^63 to 2^63. */
  integer(field: number, value: number): void {
    this.#tag(field, 0, 10);
    if (value < 0) this.#negative(value);
    else this.#varint(value);
  }

  fixed32(field: number, value: number): void {
    this.#tag(field, 5, 4);
    this.#word(value);
  }

  double(field: number, value: number): void {
    this.#tag(field, 1, 8);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
  }

  /** Milliseconds since 1970, written as nanoseconds: more than a double holds, so in two halves. */
  nanoseconds(field: number, ms: number): void {
    this.#tag(field, 1, 8);
    const whole = Math.floor(ms);
    const high = Math.floor(whole / 65_536) * 1e6;
    const low = (whole % 65_536) * 1e6 + Math.round((ms - whole) * 1e6) + (high % 65_536) * 65_536;
    this.#word(low % TWO_32);
    this.#word(Math.floor(high / 65_536) + Math.floor(low / TWO_32));
  }

  /** Bytes, given in hexadecimal digits. */
  hex(field: number, digits: string): void {
    const length = digits.length >>> 1;
    this.#head(field, length);
    const bytes = this.#bytes;
    const start = this.#at;
    for (let at = 0; at < length; at++) {
      const high = DIGITS[charCodeAt(digits, 2 * at)] ?? 0;
      bytes[start + at] = high * 16 + (DIGITS[charCodeAt(digits, 2 * at + 1)] ?? 0);
    }
    this.#at = start + length;
  }

  text(field: number, text: string): void {
    if (text.length <= SHORT && this.#ascii(field, text)) return;
    const length = Buffer.byteLength(text);
    this.#head(field, length);
    this.#at += this.#bytes.write(text, this.#at, length);
  }

  /** A short text; false, and nothing is written, when a character takes more than a byte. */
  #ascii(field: number, text: string): boolean {
    const { length } = text;
    const before = this.#at;
    this.#head(field, length);
    const bytes = this.#bytes;
    const start = this.#at;
    for (let at = 0; at < length; at++) {
      const code = charCodeAt(text, at);
      if (code > 127) {
        this.#at = before;
        return false;
      }
      bytes[start + at] = code;
    }
    this.#at = start + length;
    return true;
  }

  /** A message that is written already. */
  message(field: number, message: Buffer): void {
    const { length } = message;
    this.#head(field, length);
    const bytes = this.#bytes;
    const start = this.#at;
    if (length > SHORT) bytes.set(message, start);
    else for (let at = 0; at < length; at++) bytes[start + at] = message[at] ?? 0;
    this.#at = start + length;
  }

  /** Begins a message within this one. Returns what {@link end} is to be told. */
  begin(field: number): number {
    this.#tag(field, 2, 2);
    this.#at += 2;
    return this.#at;
  }

  /** Two bytes were kept for the length, as most spans need; what takes more or fewer is moved. */
  end(start: number): void {
    const length = this.#at - start;
    const needed = length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : 4;
    if (needed !== 2) {
      this.#room(2);
      this.#bytes.copyWithin(start - 2 + needed, start, this.#at);
    }
    this.#at = start - 2;
    this.#varint(length);
    this.#at += length;
  }

  /** `wire`: 0 a varint, 1 eight bytes, 2 bytes with their length before them, 5 four bytes. Makes room for so many bytes after it. */
  #tag(field: number, wire: 0 | 1 | 2 | 5, after: number): void {
    this.#room(MAX_TAG + after);
    this.#varint(field * 8 + wire);
  }

  /** The tag of bytes, and how many they are; there is room for them. */
  #head(field: number, length: number): void {
    this.#tag(field, 2, MAX_LENGTH + length);
    this.#varint(length);
  }

  /** There must be room. */
  #varint(value: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    let left = value;
    while (left >= 128) {
      bytes[at++] = (left % 128) + 128;
      left = Math.floor(left / 128);
    }
    bytes[at++] = left;
    this.#at = at;
  }

  /** 32 bits, the lowest first; there must be room. */
  #word(value: number): void {
    const bytes = this.#bytes;
    const at = this.#at;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
    this.#at = at + 4;
  }

  /** 64 bits in two's complement, so always ten bytes. */
  #negative(value: number): void {
    let left = BigInt.asUintN(64, BigInt(value));
    for (let byte = 0; byte < 9; byte++) {
      this.#bytes[this.#at++] = Number(left & 127n) + 128;
      left >>= 7n;
    }
    this.#bytes[this.#at++] = Number(left);
  }

  #room(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}
