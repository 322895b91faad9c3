import { levels, type Logger, symbols } from 'pino';
import { currentContext } from './context.ts';
import type { LaterStream } from './line-writer.ts';
import type { LogLine } from './log-arguments.ts';
import { hideCredentials } from './secret-patterns.ts';

export interface FlatLineParts {
  readonly destination: LaterStream;
  /** Takes what is secret out of fields that are not nested. */
  readonly clean: (fields: object) => Readonly<Record<string, unknown>>;
  /** Takes what is secret out of a message. */
  readonly text: (message: string) => string;
  /** As pino writes them: the beginning of a line of this level, and the moment, with a comma before it. */
  readonly level: (label: string) => string;
  readonly time: (ms: number) => string;
  readonly messageKey: string;
}

/** Names of fields that are remembered as they are written, and the longest of them. */
const MAX_NAMES = 1_000;
const MAX_NAME_LENGTH = 64;
/** Longer texts are quoted by the runtime. */
const SHORT = 64;
const QUOTE = 34;
const BACKSLASH = 92;

/**
 * Lines whose fields are texts and numbers, as most are that are written all the time. Only the fields and the moment are kept when they are
 * logged; the lines are made when several are written, without pino, whose way is made for anything: in a process that does other work as
 * well, that takes a quarter of the time. They are, byte for byte, what pino makes of them, but for halves of characters, which pino loses.
 */
export class FlatLines {
  readonly #parts: FlatLineParts;
  readonly #names = new Map<string, string>();
  readonly #levels = new Map<number, string>();
  /** What a logger writes on each line, as it was last seen, and without secrets. */
  readonly #bindings = new WeakMap<Logger, { readonly seen: string; readonly shown: string }>();

  constructor(parts: FlatLineParts) {
    this.#parts = parts;
  }

  /** Has the line written, below what the context tells; false when it has to go pino's way. */
  add(logger: Logger, level: number, { fields, message }: LogLine): boolean {
    const label = levels.labels[level];
    if (label === undefined || !isFlat(fields)) return false;
    const bindings: unknown = Reflect.get(logger, symbols.chindingsSym);
    if (typeof bindings !== 'string') return false;
    const kept = { ...currentContext(), ...fields };
    const at = Date.now();
    this.#parts.destination.later(() => {
      const head = this.#level(level, label) + this.#parts.time(at) + this.#shown(logger, bindings);
      return this.#line(head, kept, message);
    });
    return true;
  }

  #line(head: string, fields: object, message: string | undefined): string {
    let line = head;
    const shown = this.#parts.clean(fields);
    for (const name in shown) {
      const value = shown[name];
      if (typeof value === 'string') line += this.#name(name) + quoted(value);
      else if (typeof value === 'number') line += this.#name(name) + (Number.isFinite(value) ? String(value) : 'null');
      // what is left of flat values after they were cleaned: booleans and null
      else if (value !== undefined) line += this.#name(name) + JSON.stringify(value);
    }
    if (message !== undefined) line += this.#name(this.#parts.messageKey) + quoted(this.#parts.text(message));
    return `${line}}\n`;
  }

  #level(level: number, label: string): string {
    const known = this.#levels.get(level) ?? this.#parts.level(label);
    this.#levels.set(level, known);
    return known;
  }

  #shown(logger: Logger, seen: string): string {
    const known = this.#bindings.get(logger);
    if (known?.seen === seen) return known.shown;
    const shown = hideCredentials(seen);
    this.#bindings.set(logger, { seen, shown });
    return shown;
  }

  #name(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const shown = `,${JSON.stringify(hideCredentials(name))}:`;
    if (this.#names.size < MAX_NAMES && name.length <= MAX_NAME_LENGTH) this.#names.set(name, shown);
    return shown;
  }
}

function isFlat(fields: object | undefined): boolean {
  if (fields === undefined) return true;
  if (Object.getPrototypeOf(fields) !== Object.prototype) return false;
  try {
    for (const name in fields) {
      const value: unknown = (fields as Readonly<Record<string, unknown>>)[name];
      if (value !== null && (typeof value === 'object' || typeof value === 'function')) return false;
    }
    return true;
  } catch {
    // one that cannot be read is told as such by the general way
    return false;
  }
}

/** As JSON. */
function quoted(text: string): string {
  if (text.length > SHORT) return JSON.stringify(text);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 32 || code === QUOTE || code === BACKSLASH || code >= 0xd800) return JSON.stringify(text);
  }
  return `"${text}"`;
}
