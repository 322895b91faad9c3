import { type Bindings, type ChildLoggerOptions, type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import { currentContext } from './context.ts';
import { redact, redactText } from './redact.ts';

export type Logger = PinoLogger;
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LoggerOptions {
  /** Name of the program, on every line. */
  readonly service: string;
  /** Default `info`. Can be changed at run time: `logger.level = 'debug'`. */
  readonly level?: LogLevel;
  /** Where lines go. Default: standard output, written synchronously so that a dying process loses none. */
  readonly destination?: DestinationStream;
  /** Further fields of every line. */
  readonly bindings?: Readonly<Record<string, unknown>>;
}

/**
 * A logger that writes one JSON object per line: level by name, ISO time, service, the current {@link currentContext},
 * errors with code, details and causes. Secrets are removed inside the logger, so that no call site can forget it.
 */
export function createLogger(options: LoggerOptions): Logger {
  const root = pino(
    {
      level: options.level ?? 'info',
      base: { service: options.service, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      mixin: () => ({ ...currentContext() }),
      // `clean` has made data of errors before serializers run
      serializers: { err: (value: unknown) => value },
      formatters: { level: (level) => ({ level }), log: clean },
      // messages are formatted by pino itself, so they are cleaned in the finished line
      hooks: { streamWrite: redactText },
    },
    options.destination ?? lineWriter(1),
  );
  cleanChildren(root);
  return options.bindings === undefined ? root : root.child(options.bindings);
}

/** Lines that wait until they can be written, in bytes; beyond that they are dropped. */
const MAX_WAITING_BYTES = 1024 * 1024;

/**
 * Writes lines to a descriptor, synchronously. While they cannot be written (the disk is full, the reader is gone), the
 * process goes on without them: a log that fails must not end what it reports on.
 */
export function lineWriter(fd: number): DestinationStream {
  const writer = pino.destination({ fd, sync: true, maxLength: MAX_WAITING_BYTES });
  writer.on('error', () => undefined);
  return writer;
}

/** pino does not pass the bindings of children through its formatters; all children inherit this method. */
function cleanChildren(root: Logger): void {
  const makeChild: unknown = Reflect.get(root, 'child');
  if (typeof makeChild !== 'function') return;
  Object.defineProperty(root, 'child', {
    value(this: Logger, bindings: Bindings, ...rest: [options?: ChildLoggerOptions]): unknown {
      return Reflect.apply(makeChild, this, [clean(bindings), ...rest]);
    },
  });
}

function clean(fields: object): Record<string, unknown> {
  return redact(fields) as Record<string, unknown>;
}
