/** What a receiver did not want of a request that it took. */
export interface PartialSuccess {
  readonly refused: number;
  readonly message: string;
}

const NONE: PartialSuccess = { refused: 0, message: '' };

/**
 * Of an `ExportTraceServiceResponse`: partial_success (1), in it rejected_spans (1) and error_message (2). What cannot be read says that
 * nothing was refused: some receivers answer with a text.
 */
export function readPartialSuccess(answer: Buffer): PartialSuccess {
  try {
    const partial = fieldsOf(answer).get(1);
    if (!Buffer.isBuffer(partial)) return NONE;
    const fields = fieldsOf(partial);
    const [refused, message] = [fields.get(1) ?? 0, fields.get(2) ?? ''];
    return { refused: typeof refused === 'number' ? refused : 0, message: message.toString() };
  } catch {
    return NONE;
  }
}

/** Varints and bytes of a message, by the number of their field. */
function fieldsOf(message: Buffer): ReadonlyMap<number, number | Buffer> {
  const fields = new Map<number, number | Buffer>();
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = message.readUInt8(at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  while (at < message.length) {
    const key = varint();
    const wire = key & 7;
    if (wire === 0) fields.set(key >>> 3, varint());
    else if (wire === 2) {
      const length = varint();
      fields.set(key >>> 3, message.subarray(at, (at += length)));
    } else throw new TypeError(`wire type ${wire} is not expected`);
  }
  return fields;
}
