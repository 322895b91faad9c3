import { type Bindings, type ChildLoggerOptions, type DestinationStream, levels, type Logger as PinoLogger, pino } from 'pino';
import { currentContext, outOfContext } from './context.ts';
import { FlatLines } from './flat-lines.ts';
import { isLaterStream, lineWriter } from './line-writer.ts';
import { logLine } from './log-arguments.ts';
import { ECS, PLAIN } from './line-format.ts';
import { createRedactor, type RedactOptions } from './redact.ts';
import { type RepeatOptions, Repeats } from './repeats.ts';
import { hideCredentials } from './secret-patterns.ts';

export type Logger = PinoLogger;
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
/** Names of the fields: our own, or those of the Elastic Common Schema. */
export type LogFormat = 'plain' | 'ecs';

export interface LoggerOptions {
  /** Name of the program, on every line. */
  readonly service: string;
  /** Default `info`. Can be changed at run time: see `changeLogLevel`. */
  readonly level?: LogLevel;
  /** Default `plain`. */
  readonly format?: LogFormat;
  /** Where lines go. Default: standard output, by {@link lineWriter}: a dying process loses none. */
  readonly destination?: DestinationStream;
  /** Further fields of every line. */
  readonly bindings?: Readonly<Record<string, unknown>>;
  /** Secrets beyond those that are always hidden. */
  readonly redact?: RedactOptions;
  /** Lines of `warn` and `error` with the same message: how many of them are written; `false`: all. */
  readonly repeats?: RepeatOptions | false;
  /** Told of every error that is logged as a warning or worse, also of those whose line is left out as a repetition. Must not throw. */
  readonly onError?: (error: Error) => void;
}

/**
 * A logger that writes one JSON object per line: level by name, ISO time, service, the current {@link currentContext},
 * errors with code, details and causes. Secrets are removed inside the logger, so that no call site can forget it.
 */
export function createLogger(options: LoggerOptions): Logger {
  const redactor = createRedactor(options.redact);
  const format = options.format === 'ecs' ? ECS : PLAIN;
  const clean = (fields: object): Record<string, unknown> => format.fields(redactor.fields(fields) as Record<string, unknown>);
  const destination = options.destination ?? lineWriter(1);
  const flat = isLaterStream(destination) ? new FlatLines({ destination, clean, text: redactor.text, format }) : undefined;
  const admit = options.repeats === false ? () => true : repeatsOf(options.repeats ?? {}, () => root);
  const root: Logger = pino(
    {
      base: format.base(options.service),
      timestamp: () => format.time(Date.now()),
      messageKey: format.messageKey,
      level: options.level ?? 'info',
      hooks: {
        logMethod(args, method, level) {
          const line = logLine(args);
          if (level < WARN && flat !== undefined && isPlain(this) && flat.add(this, level, line)) return;
          if (level >= WARN && line.error !== undefined) options.onError?.(line.error);
          // the message is cleaned as a whole, with the values in it: a secret may be put together by it
          const text = line.message === undefined ? undefined : redactor.text(line.message);
          if (!admit(level, text)) return;
          const fields = withContext(line.fields);
          Reflect.apply(method, this, fields === undefined ? [text] : [fields, text]);
        },
        // everything is clean by now; this stays for what may come in by another way
        streamWrite: hideCredentials,
      },
      formatters: { level: (label) => ({ [format.levelKey]: label }), log: clean },
      // `clean` has made data of errors before serializers run
      serializers: { err: (value: unknown) => value },
    },
    destination,
  );
  cleanChildren(root, clean);
  return options.bindings === undefined ? root : root.child(options.bindings);
}

/** What is told of the present work, and of the line; the line's own fields win. */
function withContext(fields: object | undefined): object | undefined {
  const context = currentContext();
  if (fields === undefined) return context;
  return context === undefined && Object.getPrototypeOf(fields) === Object.prototype ? fields : { ...context, ...fields };
}

type Admit = (level: number, message: string | undefined) => boolean;

const { warn: WARN = 40, fatal: FATAL = 60 } = levels.values;

/**
 * Told apart by level and message. Calmer levels are not bounded: a line for each request or task is meant; and each fatal one counts.
 * The line that tells of them has a message of its own, so it is written.
 */
function repeatsOf(options: RepeatOptions, logger: () => Logger): Admit {
  const repeats = new Repeats(options, ({ kind, count }) => {
    const [level, message] = [Number(kind.slice(0, 2)), kind.slice(3)];
    // they were of many pieces of work
    outOfContext(() => {
      logger()[level === WARN ? 'warn' : 'error']({ leftOut: count }, `${count} more were left out: ${message}`);
    });
  });
  return (level, message) => level < WARN || level >= FATAL || message === undefined || repeats.admit(`${level} ${message}`);
}

/** Of a logger that was made with serializers, levels or the like of its own, or by one that was. */
const SPECIAL = Symbol('special');

function isPlain(logger: Logger): boolean {
  return Reflect.get(logger, SPECIAL) !== true;
}

/** pino does not pass the bindings of children through its formatters; all children inherit this method. */
function cleanChildren(root: Logger, clean: (fields: object) => Record<string, unknown>): void {
  const makeChild: unknown = Reflect.get(root, 'child');
  if (typeof makeChild !== 'function') return;
  Object.defineProperty(root, 'child', {
    value(this: Logger, bindings: Bindings, options?: ChildLoggerOptions): unknown {
      const child: unknown = Reflect.apply(makeChild, this, [clean(bindings), options]);
      if (Object.keys(options ?? {}).some((name) => name !== 'level')) Reflect.set(child as Logger, SPECIAL, true);
      return child;
    },
  });
}
