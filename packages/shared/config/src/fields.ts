import { z } from 'zod';
import { Secret } from './secret.ts';

/** Either the value or what is wrong with the text. Never mentions the text: it may be a secret. */
type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** A field that is parsed from text. Problems name what is expected, never what was given. */
export function field<T>(parse: (text: string) => Parsed<T>) {
  return z.string().transform((text, context): T => {
    const parsed = parse(text.trim());
    if ('value' in parsed) return parsed.value;
    context.addIssue({ code: 'custom', message: parsed.problem });
    return z.NEVER;
  });
}

export interface RangeOptions {
  readonly min?: number;
  readonly max?: number;
}

/** A whole number. */
export function integer({ min = 0, max = Number.MAX_SAFE_INTEGER }: RangeOptions = {}) {
  return field((text) => inRange(/^\d{1,16}$/.test(text) ? Number(text) : undefined, min, max, 'a whole number'));
}

/** A number that may have a fraction: `30`, `0.5`. */
export function decimal({ min = 0, max = Number.MAX_SAFE_INTEGER }: RangeOptions = {}) {
  return field((text) => inRange(/^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) : undefined, min, max, 'a number'));
}

/** A TCP port; 0 lets the system choose. */
export function port() {
  return integer({ min: 0, max: 65_535 });
}

const MS = new Map([
  ['', 1],
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Milliseconds: `1500`, `1500ms`, `30s`, `5m`, `1h`, `2d`. */
export function durationMs({ min = 0, max = 365 * 86_400_000 }: RangeOptions = {}) {
  return field((text) => inRange(scaled(text, MS), min, max, 'a duration such as 1500, 1500ms, 30s or 5m, in milliseconds'));
}

const BYTES = new Map([
  ['', 1],
  ['b', 1],
  ['kb', 1_024],
  ['mb', 1_024 ** 2],
  ['gb', 1_024 ** 3],
]);

/** Bytes: `1024`, `64kb`, `1mb`, `2gb`; a kb is 1,024 bytes. */
export function bytes({ min = 1, max = 16 * 1_024 ** 3 }: RangeOptions = {}) {
  return field((text) => inRange(scaled(text, BYTES), min, max, 'a size such as 1024, 64kb or 1mb, in bytes'));
}

const TRUE = new Set(['true', '1', 'yes', 'on']);
const FALSE = new Set(['false', '0', 'no', 'off']);

/** `true`, `1`, `yes`, `on`, or `false`, `0`, `no`, `off`. */
export function bool() {
  return field((text): Parsed<boolean> => {
    const lower = text.toLowerCase();
    if (TRUE.has(lower)) return { value: true };
    return FALSE.has(lower) ? { value: false } : { problem: 'must be true or false' };
  });
}

/** Text that is kept in a {@link Secret}. */
export function secret({ minLength = 1 }: { readonly minLength?: number } = {}) {
  return field((text): Parsed<Secret> => {
    if (text.length >= minLength) return { value: new Secret(text) };
    return { problem: `must have at least ${minLength} characters` };
  }).meta({ secret: true });
}

/** An absolute URL of one of the protocols, for example `['http', 'https']`. */
export function url({ protocols }: { readonly protocols: readonly string[] }) {
  const expected = protocols.map((protocol) => `${protocol}://…`).join(' or ');
  return field((text): Parsed<string> => {
    const parsed = URL.parse(text);
    if (parsed !== null && parsed.host !== '' && protocols.includes(parsed.protocol.slice(0, -1))) return { value: text };
    return { problem: `must be a URL ${expected}` };
  });
}

/** Names separated by commas; blanks around them and empty ones are dropped. */
export function list() {
  return field((text): Parsed<readonly string[]> => {
    const items = text.split(',').map((item) => item.trim());
    return { value: Object.freeze(items.filter((item) => item !== '')) };
  });
}

/** Regular expressions separated by blanks; a blank in one is written `\\s`. */
export function patterns() {
  return field((text): Parsed<readonly RegExp[]> => {
    const found: RegExp[] = [];
    for (const source of text.split(/\s+/).filter((one) => one !== '')) {
      try {
        found.push(new RegExp(source));
      } catch {
        return { problem: `must be regular expressions separated by blanks; number ${found.length + 1} is none` };
      }
      if (found.at(-1)?.test('') === true)
        return { problem: `must be regular expressions that do not match the empty text; number ${found.length} does` };
    }
    return { value: Object.freeze(found) };
  });
}

/** One of the given words. */
export function choice<const W extends string>(words: readonly W[]) {
  return field((text): Parsed<W> => {
    const found = words.find((word) => word === text);
    return found === undefined ? { problem: `must be one of ${words.join(', ')}` } : { value: found };
  });
}

/** Any text. */
export function text({ pattern, expected = 'text' }: { readonly pattern?: RegExp; readonly expected?: string } = {}) {
  return field((given): Parsed<string> => {
    return given !== '' && (pattern === undefined || pattern.test(given)) ? { value: given } : { problem: `must be ${expected}` };
  });
}

function scaled(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const [, digits, unit] = /^(\d{1,16})\s?([a-z]{0,2})$/.exec(text.toLowerCase()) ?? [];
  const factor = unit === undefined ? undefined : units.get(unit);
  return factor === undefined ? undefined : Number(digits) * factor;
}

function inRange(value: number | undefined, min: number, max: number, expected: string): Parsed<number> {
  if (value !== undefined && value >= min && value <= max) return { value };
  return { problem: `must be ${expected}, from ${min} to ${max}` };
}
