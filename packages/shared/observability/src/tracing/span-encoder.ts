import { AttributeBytes, type CleanAttribute } from './attribute-bytes.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Attributes, SpanError, SpanKind, SpanLink, SpanRecord } from './span-record.ts';

/** `SpanKind` of the protocol. */
const KINDS: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 };
/** `Status.code` of a span that tells of an error. */
const ERROR = 2;
/** The `Status` of all others: its code (3) is 0. */
const UNSET = Buffer.of(24, 0);
/** Sampled, and it is known whether the parent is of another process (`SpanFlags`). */
const FLAGS = 0x1_01;
const REMOTE_PARENT = 0x2_00;
const SCOPE = '@mainstay/observability';

/** An `ExportTraceServiceRequest` in the making. */
export interface SpanRequest {
  /** When it throws, the request is as it was. */
  readonly add: (span: SpanRecord) => void;
  /** The whole, a view of what wrote it; nothing can be added any more. */
  readonly end: () => Buffer;
}

/**
 * Spans as the OpenTelemetry Protocol has them in protobuf (opentelemetry/proto/trace/v1/trace.proto): byte for byte what the serializer of
 * OpenTelemetry's SDK makes of them, but in one go, and without writing again what comes again in most spans.
 */
export class SpanEncoder {
  readonly #attributes: AttributeBytes;
  readonly #resource: Attributes;

  constructor(resource: Attributes, clean: CleanAttribute) {
    this.#resource = resource;
    this.#attributes = new AttributeBytes(clean);
  }

  /** Begins a request, written by `out`, which holds its bytes until it writes again. */
  open(out = new ByteWriter(1_024)): SpanRequest {
    out.rewind(0);
    const resourceSpans = out.begin(1);
    const resource = out.begin(1);
    this.#pairs(out, 1, this.#resource);
    none(out, 2);
    out.end(resource);
    const scopeSpans = out.begin(2);
    const scope = out.begin(1);
    out.text(1, SCOPE);
    out.end(scope);
    return {
      add: (span) => {
        const { length } = out;
        try {
          this.#span(out, span);
        } catch (error) {
          out.rewind(length);
          throw error;
        }
      },
      end: () => {
        out.end(scopeSpans);
        out.end(resourceSpans);
        return out.bytes();
      },
    };
  }

  #span(out: ByteWriter, span: SpanRecord): void {
    const { parentSpanId, tracestate = '', error } = span;
    const start = out.begin(2);
    out.hex(1, span.traceId);
    out.hex(2, span.spanId);
    if (tracestate !== '') out.text(3, tracestate);
    if (parentSpanId !== undefined) out.hex(4, parentSpanId);
    out.text(5, span.name);
    out.integer(6, KINDS[span.kind]);
    out.nanoseconds(7, span.startMs);
    out.nanoseconds(8, Math.max(span.startMs, span.endMs));
    this.#pairs(out, 9, span.attributes);
    if (error !== undefined) out.message(9, this.#attributes.of('error.type', error.type));
    none(out, 10);
    none(out, 12);
    for (const link of span.links ?? []) this.#link(out, link);
    none(out, 14);
    writeStatus(out, error);
    out.fixed32(16, parentSpanId === undefined ? FLAGS : FLAGS | REMOTE_PARENT);
    out.end(start);
  }

  #link(out: ByteWriter, { traceId, spanId, attributes = {} }: SpanLink): void {
    const start = out.begin(13);
    out.hex(1, traceId);
    out.hex(2, spanId);
    this.#pairs(out, 4, attributes);
    none(out, 5);
    out.fixed32(6, FLAGS);
    out.end(start);
  }

  #pairs(out: ByteWriter, field: number, attributes: Attributes): void {
    for (const name in attributes) {
      const value = attributes[name];
      if (value !== undefined) out.message(field, this.#attributes.of(name, value));
    }
  }
}

function writeStatus(out: ByteWriter, error: SpanError | undefined): void {
  if (error === undefined) {
    out.message(15, UNSET);
    return;
  }
  const { description = '' } = error;
  const start = out.begin(15);
  if (description !== '') out.text(2, description);
  out.integer(3, ERROR);
  out.end(start);
}

/** Nothing of this kind was dropped. */
function none(out: ByteWriter, field: number): void {
  out.integer(field, 0);
}
