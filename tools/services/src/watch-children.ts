import { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { LEAKS_WANTED, noteLeak } from './leak-notes.ts';
import { MarkerCounter } from './marker-counter.ts';

/** What of the options of a spawn is looked at. */
interface SpawnOptions {
  readonly args?: readonly string[];
  readonly envPairs?: readonly string[];
}
type Spawn = (this: ChildProcess, options: SpawnOptions) => unknown;

/** Where the prototype keeps its own way to spawn: each test file has a copy of this module, and the last one watches. */
const OWN = Symbol.for('mainstay.own-spawn');

/**
 * From now on everything that children of this process write to their pipes is looked through for secrets that tests planted, whoever
 * reads it, and noted: see `leak-notes.ts`. What they write elsewhere, to files or terminals, is not. Idempotent.
 */
export function watchChildren(): void {
  const prototype: object = ChildProcess.prototype;
  const spawn = (Reflect.get(prototype, OWN) ?? Reflect.get(prototype, 'spawn')) as Spawn;
  Reflect.set(prototype, OWN, spawn);
  Reflect.set(prototype, 'spawn', function watched(this: ChildProcess, options: SpawnOptions): unknown {
    const result = spawn.call(this, options);
    if (options.envPairs?.some((pair) => pair.startsWith(`${LEAKS_WANTED}=`)) === true) return result;
    const program = (options.args ?? []).join(' ').slice(-120);
    if (this.stdout !== null) watch(this.stdout, `output of ${program}`);
    if (this.stderr !== null) watch(this.stderr, `errors of ${program}`);
    return result;
  });
}

/** Looks at what arrives; whoever reads the stream gets it as ever. */
function watch(stream: Readable, where: string): void {
  const counter = new MarkerCounter();
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    const before = counter.found;
    if (Buffer.isBuffer(chunk)) counter.take(chunk.toString('latin1'));
    if (counter.found > before) noteLeak(where);
    return push(chunk, encoding);
  };
}
