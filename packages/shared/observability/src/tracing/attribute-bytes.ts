import { ByteWriter } from './byte-writer.ts';
import type { AttributeValue } from './span-record.ts';

/** Makes the value of an attribute fit to be shown. */
export type CleanAttribute = (name: string, value: AttributeValue) => unknown;

/** Values of all attributes together that are remembered, and the longest of them, in characters: some two megabytes. */
const MAX_VALUES = 4_096;
const MAX_LENGTH = 256;

/**
 * Attributes as `KeyValue` messages, cleaned. Most values come again and again (kinds, tenants, the run of a hundred spans), so the bytes of
 * those of late are remembered: cleaning and writing them costs once. What is held is bounded, and dropped as a whole when it is full.
 */
export class AttributeBytes {
  readonly #clean: CleanAttribute;
  readonly #scratch = new ByteWriter(1_024);
  readonly #known = new Map<string, Map<AttributeValue, Buffer>>();
  #values = 0;

  constructor(clean: CleanAttribute) {
    this.#clean = clean;
  }

  /** `KeyValue`: key (1), value (2). */
  of(name: string, value: AttributeValue): Buffer {
    if (typeof value === 'object' || (typeof value === 'string' && value.length > MAX_LENGTH)) return this.#encode(name, value);
    const known = this.#known.get(name)?.get(value);
    if (known !== undefined) return known;
    const bytes = this.#encode(name, value);
    this.#remember(name, value, bytes);
    return bytes;
  }

  #remember(name: string, value: AttributeValue, bytes: Buffer): void {
    if (this.#values >= MAX_VALUES) {
      this.#known.clear();
      this.#values = 0;
    }
    this.#values++;
    const values = this.#known.get(name);
    if (values === undefined) this.#known.set(name, new Map([[value, bytes]]));
    else values.set(value, bytes);
  }

  #encode(name: string, value: AttributeValue): Buffer {
    const out = this.#scratch;
    out.rewind(0);
    out.text(1, name);
    const start = out.begin(2);
    writeValue(out, this.#clean(name, value));
    out.end(start);
    return Buffer.from(out.bytes());
  }
}

/** Of an `AnyValue`: string (1), bool (2), int (3), double (4), array (5). */
function writeValue(out: ByteWriter, value: unknown): void {
  if (typeof value === 'string') out.text(1, value);
  else if (typeof value === 'boolean') out.integer(2, value ? 1 : 0);
  else if (typeof value === 'number') writeNumber(out, value);
  else if (Array.isArray(value)) writeList(out, value);
}

const TWO_63 = 2 ** 63;

function writeNumber(out: ByteWriter, value: number): void {
  if (Number.isInteger(value) && value >= -TWO_63 && value < TWO_63) out.integer(3, value);
  else out.double(4, value);
}

/** `ArrayValue`: values (1). */
function writeList(out: ByteWriter, items: readonly unknown[]): void {
  const list = out.begin(5);
  for (const item of items) {
    const start = out.begin(1);
    writeValue(out, item);
    out.end(start);
  }
  out.end(list);
}
