import type { ErrorCategory, ErrorCode, errorCatalogue } from './catalogue.ts';
import { type ErrorOptions, MainstayError } from './mainstay-error.ts';

/** The codes of one or several categories. */
type CodesOf<C extends ErrorCategory> = {
  [K in ErrorCode]: (typeof errorCatalogue)[K]['category'] extends C ? K : never;
}[ErrorCode];

/** An agent or its worker failed. Throw `new AgentError('AGENT_REJECTED', …)` in an agent when trying again is pointless. */
export class AgentError extends MainstayError {
  constructor(code: CodesOf<'agent'>, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** A definition, an expression, a gate or a run is at fault. */
export class PipelineError extends MainstayError {
  constructor(code: CodesOf<'pipeline'>, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** Input from outside is not what it should be. `details.issues` lists path and problem of each fault. */
export class ValidationError extends MainstayError {
  constructor(code: CodesOf<'validation'>, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** A call over the network failed before an answer came. */
export class NetworkError extends MainstayError {
  constructor(message: string, options?: ErrorOptions) {
    super('NETWORK_FAILED', message, options);
  }
}

/** Something took longer than it may. */
export class TimeoutError extends MainstayError {
  constructor(code: CodesOf<'timeout'>, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** Another writer was there first, or the present state does not allow it. */
export class ConflictError extends MainstayError {
  constructor(code: CodesOf<'conflict'>, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** What was asked for does not exist, or not for this tenant. */
export class NotFoundError extends MainstayError {
  constructor(code: CodesOf<'not-found'>, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** The credentials are missing, wrong or too weak. */
export class AuthError extends MainstayError {
  constructor(code: CodesOf<'authentication' | 'authorization'>, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** The service has more work than it can take. `retryAfterMs` says when to come back. */
export class OverloadError extends MainstayError {
  constructor(code: CodesOf<'overload'>, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** A service that we depend on is unusable. */
export class DependencyError extends MainstayError {
  constructor(code: CodesOf<'dependency'>, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** The settings of this installation are wrong. */
export class ConfigurationError extends MainstayError {
  constructor(code: CodesOf<'configuration'>, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** Somebody asked for the work to stop. */
export class CancelledError extends MainstayError {
  constructor(code: CodesOf<'cancelled'>, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** A bug of ours, or something that nobody classified. */
export class InternalError extends MainstayError {
  constructor(message: string, options?: ErrorOptions) {
    super('INTERNAL', message, options);
  }
}
