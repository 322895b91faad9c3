/** What an attribute can hold. */
export type AttributeValue = string | number | boolean | readonly string[];

/** Attributes by name; undefined ones are left out. */
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** A span that this one has to do with, without being its child. */
export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes?: Attributes;
}

/** What went wrong, as far as a span tells of it: never a message, which may hold data. */
export interface SpanError {
  /** A code of the catalogue, or another word of few values: `error.type`. */
  readonly type: string;
  /** A fixed text about the type. */
  readonly description?: string;
}

/** A span that is over. Its ids are made before, so that whoever knows what happened can tell it, and tell it again. */
export interface SpanRecord {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly parentSpanId?: string | undefined;
  /** Few values: kinds and route patterns, never ids. */
  readonly name: string;
  readonly kind: SpanKind;
  /** Milliseconds since 1970; fractions count. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly links?: readonly SpanLink[] | undefined;
  readonly error?: SpanError | undefined;
  readonly tracestate?: string | undefined;
}
