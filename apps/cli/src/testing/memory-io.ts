import { PassThrough, Readable } from 'node:stream';
import type { Io } from '../io.ts';

/** An Io whose output is kept as text. */
export function memoryIo(
  argv: readonly string[],
  more: Partial<Io> = {},
): { readonly io: Io; readonly out: () => string; readonly err: () => string } {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  let out = '';
  let err = '';
  stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const io: Io = { argv, stdin: Readable.from([]), stdout, stderr, cwd: '/', env: {}, signal: new AbortController().signal, ...more };
  return { io, out: () => out, err: () => err };
}
