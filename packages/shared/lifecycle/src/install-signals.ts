import { constants } from 'node:os';
import { exitProcess } from './exit-process.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { LifecycleLogger } from './logger.ts';

/** What is needed of `process`. */
export interface SignalSource {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
}

export interface InstallSignalsOptions {
  /** Default: {@link exitProcess}. */
  readonly exit?: (code: number) => void;
  /** Default `process`. */
  readonly source?: SignalSource;
  /** Default: the lifecycle's; without one, crashes are written to stderr. */
  readonly logger?: LifecycleLogger;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * SIGTERM and SIGINT shut the lifecycle down and exit with 0, or with 1 when a step failed. A second signal exits at
 * once with 128 plus its number. An uncaught error is logged, then the lifecycle is shut down and the exit code is 1.
 * Returns the function that removes the handlers.
 */
export function installSignals(lifecycle: Lifecycle, options: InstallSignalsOptions = {}): () => void {
  const source = options.source ?? process;
  const logger = options.logger ?? lifecycle.logger ?? stderrLogger;
  const exit = options.exit ?? ((code: number) => void exitProcess(code, { logger }));
  let signals = 0;
  let crashed = false;

  const end = async (reason: string) => {
    const { failures } = await lifecycle.shutdown(reason);
    exit(crashed || failures.length > 0 ? 1 : 0);
  };
  const handlers: [event: string, handler: (...args: unknown[]) => void][] = SIGNALS.map((signal) => [
    signal,
    () => {
      signals += 1;
      if (signals === 1) void end(signal);
      else exit(128 + constants.signals[signal]);
    },
  ]);
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    handlers.push([
      event,
      (error) => {
        logger.fatal({ err: error }, event === 'uncaughtException' ? 'uncaught exception' : 'unhandled rejection');
        const first = !crashed;
        crashed = true;
        if (first) void end(event);
      },
    ]);
  }
  for (const [event, handler] of handlers) source.on(event, handler);
  return () => {
    for (const [event, handler] of handlers) source.off(event, handler);
  };
}

const toStderr = (fields: object, message: string): void => {
  const err = 'err' in fields && fields.err instanceof Error ? (fields.err.stack ?? fields.err.message) : JSON.stringify(fields);
  process.stderr.write(`${message}: ${err}\n`);
};

const stderrLogger: LifecycleLogger = { info: toStderr, warn: toStderr, error: toStderr, fatal: toStderr };
