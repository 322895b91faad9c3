import { DependencyError, type JsonObject } from '@mainstay/types';

/** The one error for "this machine cannot give us that service": the message says what to install or which variable to set. */
export function serviceError(message: string, details: JsonObject = {}, cause?: unknown): DependencyError {
  return new DependencyError('SERVICE_UNAVAILABLE', message, { details, ...(cause === undefined ? {} : { cause }) });
}
