import type { JsonObject } from '../../json.ts';
import { type Disposition, type ErrorCode, errorCatalogue } from '../catalogue.ts';
import type { Shape } from './shape.ts';

/** What is known of an error that was thrown by anybody. */
export interface Classification {
  readonly code: ErrorCode;
  readonly disposition: Disposition;
  /** Not before so many milliseconds from now. */
  readonly retryAfterMs?: number;
  /** What says so: `reason` is the library's own code. */
  readonly details?: JsonObject;
}

/** Knows the errors of one library by their shape; undefined for those of others. Never throws of itself. */
export type Classifier = (error: Shape) => Classification | undefined;

/** The code with the catalogue's disposition, or with that of the occurrence. */
export function classified(code: ErrorCode, reason: string, disposition: Disposition = errorCatalogue[code].disposition): Classification {
  return { code, disposition, ...(reason === '' ? {} : { details: { reason } }) };
}
