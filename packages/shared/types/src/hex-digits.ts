/**
 * Source of a regular expression for so many hexadecimal digits in lower case. Written out, since V8 makes a loop with a counter of `{n}`: to
 * test a UUID took five times as long.
 */
export function hexDigits(count: number): string {
  return '[0-9a-f]'.repeat(count);
}
