/** A field of a protobuf message: a number, or bytes. */
type Field = bigint | Buffer;
type Fields = ReadonlyMap<number, readonly Field[]>;

/** A span as a receiver of traces sees it. */
export interface ReceivedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: a root. */
  readonly parentSpanId: string;
  readonly tracestate: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** Of the status: 2 is an error. */
  readonly status: number;
}

/** The spans of an `ExportTraceServiceRequest`, read by the numbers of opentelemetry/proto/trace/v1/trace.proto. */
export function readSpans(body: Buffer): ReceivedSpan[] {
  return messages(fieldsOf(body), 1).flatMap((resourceSpans) => {
    const resource = attributesOf(messages(resourceSpans, 1)[0], 1);
    const service = resource['service.name'];
    return messages(resourceSpans, 2)
      .flatMap((scope) => messages(scope, 2))
      .map((span) => spanOf(span, typeof service === 'string' ? service : ''));
  });
}

function spanOf(span: Fields, service: string): ReceivedSpan {
  const status = messages(span, 15)[0];
  return {
    service,
    traceId: bytes(span, 1).toString('hex'),
    spanId: bytes(span, 2).toString('hex'),
    tracestate: bytes(span, 3).toString(),
    parentSpanId: bytes(span, 4).toString('hex'),
    name: bytes(span, 5).toString(),
    kind: Number(number(span, 6)),
    startMs: Number(number(span, 7)) / 1e6,
    endMs: Number(number(span, 8)) / 1e6,
    attributes: attributesOf(span, 9),
    links: messages(span, 13).map((link) => ({ traceId: bytes(link, 1).toString('hex'), spanId: bytes(link, 2).toString('hex') })),
    status: status === undefined ? 0 : Number(number(status, 3)),
  };
}

function attributesOf(message: Fields | undefined, field: number): Record<string, unknown> {
  if (message === undefined) return {};
  return Object.fromEntries(messages(message, field).map((pair) => [bytes(pair, 1).toString(), valueOf(messages(pair, 2)[0])]));
}

function valueOf(value: Fields | undefined): unknown {
  if (value === undefined) return undefined;
  if (value.has(1)) return bytes(value, 1).toString();
  if (value.has(2)) return number(value, 2) === 1n;
  if (value.has(3)) return Number(BigInt.asIntN(64, number(value, 3)));
  if (value.has(4)) return new Float64Array(new BigUint64Array([number(value, 4)]).buffer)[0];
  return value.has(5) ? messages(messages(value, 5)[0] ?? new Map(), 1).map(valueOf) : undefined;
}

function messages(fields: Fields, field: number): Fields[] {
  return (fields.get(field) ?? []).flatMap((value) => (typeof value === 'bigint' ? [] : [fieldsOf(value)]));
}

function bytes(fields: Fields, field: number): Buffer {
  const value = fields.get(field)?.[0];
  return value === undefined || typeof value === 'bigint' ? Buffer.alloc(0) : value;
}

function number(fields: Fields, field: number): bigint {
  const value = fields.get(field)?.[0];
  return typeof value === 'bigint' ? value : 0n;
}

function fieldsOf(message: Buffer): Fields {
  const fields = new Map<number, Field[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const read = (wire: number): Field => {
    if (wire === 0) return varint();
    const length = wire === 1 ? 8 : wire === 5 ? 4 : Number(varint());
    at += length;
    const part = message.subarray(at - length, at);
    if (wire === 2) return part;
    return wire === 1 ? part.readBigUInt64LE() : BigInt(part.readUInt32LE());
  };
  while (at < message.length) {
    const tag = Number(varint());
    const value = read(tag & 7);
    const known = fields.get(tag >> 3);
    if (known === undefined) fields.set(tag >> 3, [value]);
    else known.push(value);
  }
  return fields;
}
