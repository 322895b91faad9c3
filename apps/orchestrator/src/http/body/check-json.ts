import { ValidationError } from '@mainstay/types';

/** Arrays and objects may be nested this deep. */
export const MAX_JSON_DEPTH = 64;

/** Keys that reach an object's prototype when they are assigned carelessly. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__']);

const LITERALS = ['true', 'false', 'null'] as const;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Checks that a text is exactly one JSON value (RFC 8259), not nested deeper than {@link MAX_JSON_DEPTH}, without
 * repeated keys, `__proto__`, numbers beyond a double and characters that no database takes. Rejects with MALFORMED_JSON or VALIDATION_FAILED, naming line and column.
 * What passes can be given to `JSON.parse`.
 */
export function checkJson(text: string): void {
  const scanner = new Scanner(text);
  scanner.value(0);
  scanner.end();
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  end(): void {
    this.#space();
    if (this.#at < this.#text.length) throw this.#malformed('the end of the text');
  }

  value(depth: number): void {
    this.#space();
    const char = this.#text[this.#at];
    if (char === '{') this.#object(depth + 1);
    else if (char === '[') this.#array(depth + 1);
    else if (char === '"') this.#string();
    else if (!this.#literal() && !this.#number()) throw this.#malformed('a value');
  }

  #object(depth: number): void {
    this.#enter(depth);
    const keys = new Set<string>();
    if (this.#closes('}')) return;
    do {
      this.#space();
      this.#key(keys);
      this.#space();
      this.#expect(':');
      this.value(depth);
      this.#space();
    } while (this.#more('}'));
  }

  #array(depth: number): void {
    this.#enter(depth);
    if (this.#closes(']')) return;
    do {
      this.value(depth);
      this.#space();
    } while (this.#more(']'));
  }

  #enter(depth: number): void {
    if (depth > MAX_JSON_DEPTH) throw this.#refused(`nested deeper than ${MAX_JSON_DEPTH} levels`, this.#at);
    this.#at += 1;
  }

  /** True, and past it, when the array or object is empty. */
  #closes(end: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== end) return false;
    this.#at += 1;
    return true;
  }

  /** Past a comma: true; past the end: false. */
  #more(end: string): boolean {
    const char = this.#text[this.#at];
    if (char !== ',' && char !== end) throw this.#malformed(`',' or '${end}'`);
    this.#at += 1;
    return char === ',';
  }

  #key(keys: Set<string>): void {
    const begin = this.#at;
    if (this.#text[begin] !== '"') throw this.#malformed('a key in double quotes');
    this.#string();
    const raw = this.#text.slice(begin, this.#at);
    const key = raw.includes('\\') ? String(JSON.parse(raw)) : raw.slice(1, -1);
    if (FORBIDDEN_KEYS.has(key)) throw this.#refused(`the key ${raw} is not allowed`, begin);
    if (keys.has(key)) throw this.#refused(`the key ${raw.slice(0, 100)} occurs twice in one object`, begin);
    keys.add(key);
  }

  #string(): void {
    const begin = this.#at;
    let unicode = false;
    this.#at += 1;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x22) break;
      if (code === 0x5c) {
        unicode ||= this.#text[this.#at + 1] === 'u';
        if (!this.#match(ESCAPE)) throw this.#malformed('a valid escape sequence');
      } else if (code >= 0x20) this.#at += 1;
      else throw this.#malformed(Number.isNaN(code) ? 'the closing quote of a string' : 'an escaped control character');
    }
    this.#at += 1;
    if (unicode) this.#characters(begin);
  }

  /** What cannot be stored as text: U+0000 and halves of surrogate pairs. Both only come as escapes. */
  #characters(begin: number): void {
    const value = String(JSON.parse(this.#text.slice(begin, this.#at)));
    if (value.includes('\0')) throw this.#refused('the character U+0000 is not allowed', begin);
    if (!value.isWellFormed()) throw this.#refused('a string has half a surrogate pair', begin);
  }

  #number(): boolean {
    const begin = this.#at;
    if (!this.#match(NUMBER)) return false;
    if (Number.isFinite(Number(this.#text.slice(begin, this.#at)))) return true;
    throw this.#refused('a number is too large', begin);
  }

  #literal(): boolean {
    const found = LITERALS.find((literal) => this.#text.startsWith(literal, this.#at));
    this.#at += found?.length ?? 0;
    return found !== undefined;
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.test(this.#text);
    if (found) this.#at = pattern.lastIndex;
    return found;
  }

  #expect(char: string): void {
    if (this.#text[this.#at] !== char) throw this.#malformed(`'${char}'`);
    this.#at += 1;
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #malformed(expected: string): ValidationError {
    const place = placeOf(this.#text, this.#at);
    const found = this.#at >= this.#text.length ? 'the text ends' : `there is ${JSON.stringify(this.#text[this.#at])}`;
    return new ValidationError(
      'MALFORMED_JSON',
      `Not JSON at line ${place.line}, column ${place.column}: expected ${expected}, but ${found}`,
      {
        details: { ...place, offset: this.#at },
      },
    );
  }

  #refused(what: string, at: number): ValidationError {
    const place = placeOf(this.#text, at);
    const message = `line ${place.line}, column ${place.column}: ${what}`;
    return new ValidationError('VALIDATION_FAILED', `The body is refused at ${message}`, {
      details: { issues: [{ path: '', problem: message }], ...place, offset: at },
    });
  }
}

function placeOf(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}
