import { type MainstayError, reviveError, type SerializedError } from '@mainstay/types';

/** The error of an agent as one that was thrown there: only with the stacks that it brings. */
export function thrownFailure(error: SerializedError): MainstayError {
  const revived = reviveError(error);
  let [own, told]: [unknown, SerializedError | undefined] = [revived, error];
  while (own instanceof Error) {
    if (told?.stack === undefined) own.stack = '';
    own = own.cause;
    told = told?.cause;
  }
  return revived;
}
