import { ByteWriter } from './byte-writer.ts';
import type { Attributes, AttributeValue } from './span-record.ts';

/** Makes attributes fit to be shown. */
export type CleanAttributes = (attributes: Attributes) => Readonly<Record<string, unknown>>;

/** Values of one attribute that are remembered, and the longest of them, in characters. */
const MAX_VALUES = 1_024;
const MAX_LENGTH = 256;
const MAX_NAMES = 256;

/**
 * Attributes as `KeyValue` messages, cleaned. Most values come again and again (kinds, tenants, the run of a hundred spans), so the bytes of
 * those of late are remembered: cleaning and writing them costs once. What is held is bounded, and dropped as a whole when it is full.
 */
export class AttributeBytes {
  readonly #clean: CleanAttributes;
  readonly #scratch = new ByteWriter(1_024);
  readonly #known = new Map<string, Map<AttributeValue, Buffer>>();

  constructor(clean: CleanAttributes) {
    this.#clean = clean;
  }

  /** `KeyValue`: key (1), value (2). */
  of(name: string, value: AttributeValue): Buffer {
    if (typeof value === 'object' || (typeof value === 'string' && value.length > MAX_LENGTH)) return this.#encode(name, value);
    const values = this.#valuesOf(name);
    let bytes = values.get(value);
    if (bytes !== undefined) return bytes;
    bytes = this.#encode(name, value);
    if (values.size >= MAX_VALUES) values.clear();
    values.set(value, bytes);
    return bytes;
  }

  #valuesOf(name: string): Map<AttributeValue, Buffer> {
    let values = this.#known.get(name);
    if (values === undefined) {
      if (this.#known.size >= MAX_NAMES) this.#known.clear();
      values = new Map<AttributeValue, Buffer>();
      this.#known.set(name, values);
    }
    return values;
  }

  #encode(name: string, value: AttributeValue): Buffer {
    const out = this.#scratch;
    out.clear();
    out.text(1, name);
    const start = out.begin(2);
    writeValue(out, this.#clean({ [name]: value })[name]);
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
