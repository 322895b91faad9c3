import type { SerializedError } from '@mainstay/types';
import type { ErrorView } from '../schemas/common.ts';

/** An error as users see it: without stacks and class names. */
export function errorView({ code, message, disposition, details, cause }: SerializedError): ErrorView {
  return {
    code,
    message,
    disposition,
    ...(details === undefined ? {} : { details }),
    ...(cause === undefined ? {} : { cause: errorView(cause) }),
  };
}

export function errorViewIf(error: SerializedError | undefined): ErrorView | undefined {
  return error === undefined ? undefined : errorView(error);
}
