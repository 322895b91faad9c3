import type { ErrorDelta, ErrorOccurrence } from '@mainstay/hardening';
import { redactText } from '@mainstay/observability';
import type { SerializedError } from '@mainstay/types';

/** Errors carry what was being said when they happened: connection strings, headers. */
export function deltaWithoutSecrets(delta: ErrorDelta): ErrorDelta {
  const { message, stack } = delta.sample;
  return {
    ...delta,
    pattern: redactText(delta.pattern),
    sample: { message: redactText(message), ...(stack !== undefined && stack !== '' && { stack: redactText(stack) }) },
  };
}

/** The same for what leaves this installation; details stay here. */
export function occurrenceWithoutSecrets(occurrence: ErrorOccurrence): ErrorOccurrence {
  return { ...occurrence, error: cleaned(occurrence.error) };
}

function cleaned({ code, name, message, disposition, stack, cause }: SerializedError): SerializedError {
  return {
    ...{ code, name, message: redactText(message), disposition },
    ...(stack !== undefined && { stack: redactText(stack) }),
    ...(cause !== undefined && { cause: cleaned(cause) }),
  };
}
