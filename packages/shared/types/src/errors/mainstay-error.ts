import type { JsonObject } from '../json.ts';
import { type Disposition, type ErrorCategory, type ErrorCode, errorCatalogue } from './catalogue.ts';

/** Options of every error of the platform. */
export interface ErrorOptions {
  /** JSON-safe facts of this occurrence. Never secrets. Default `{}`. */
  readonly details?: JsonObject;
  /** What caused it. */
  readonly cause?: unknown;
  /** Overrides the catalogue's disposition for this occurrence. */
  readonly disposition?: Disposition;
  /** For retryable errors: not before so many milliseconds from now. */
  readonly retryAfterMs?: number;
}

/**
 * The base of all errors that the platform raises on purpose. Across processes an error's identity is its `code`,
 * never its class: compare codes.
 */
export class MainstayError extends Error {
  readonly code: ErrorCode;
  readonly details: JsonObject;
  readonly disposition: Disposition;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? {};
    this.disposition = options.disposition ?? errorCatalogue[code].disposition;
    this.retryAfterMs = options.retryAfterMs;
  }

  get category(): ErrorCategory {
    return errorCatalogue[this.code].category;
  }

  /** HTTP status of the problem response. */
  get status(): number {
    return errorCatalogue[this.code].status;
  }

  /** What the reader should do. */
  get hint(): string {
    return errorCatalogue[this.code].hint;
  }
}
