import { charCodeAt } from '@mainstay/types';

/**
 * Ids of spans, made of what names the thing: every process makes the same, today and after a restart, so a parent is known before
 * its span is written and a span that is written twice is the same one.
 */

const ZERO = '0'.repeat(16);
// as 32-bit integers with a sign, which the compiler keeps in registers
const OFFSET_1 = 0x811c9dc5 | 0;
const OFFSET_2 = 0x9e3779b9 | 0;
const PRIME_1 = 0x01000193 | 0;
const PRIME_2 = 0x85ebca6b | 0;
/** After a text; no character is so great. */
const SEPARATOR = 0x1_0000;

/** What a span tells of. The numbers are part of its id. */
const KINDS = { run: 1, task: 2, dispatch: 3, attempt: 4, queue: 5, call: 6, decision: 7, wait: 8, root: 9 } as const;

const scratch = Buffer.alloc(8);
/** The two hashes of what is being named. */
const hash = new Int32Array(2);
/** All spans of a run are made one after the other: the hashes of its own id are those of the span before. */
let lastOwner: string | undefined;
const ownerHash = new Int32Array(2);

/**
 * Two 32-bit hashes of the FNV-1a kind side by side, finished as MurmurHash3 does. An id has to differ from the others of its trace and is no
 * secret, so nothing stronger is asked for; SHA-256 took ten times as long.
 */
function spanId(kind: keyof typeof KINDS, owner: string, name = '', first = 0, second = 0): string {
  if (owner !== lastOwner) {
    hash[0] = OFFSET_1;
    hash[1] = OFFSET_2;
    addText(owner);
    ownerHash.set(hash);
    lastOwner = owner;
  } else hash.set(ownerHash);
  add(KINDS[kind]);
  addText(name);
  add(first);
  add(second);
  const { 0: one = 0, 1: two = 0 } = hash;
  scratch.writeInt32BE(finish(one ^ (two >>> 15)), 0);
  scratch.writeInt32BE(finish(two ^ (one >>> 13)), 4);
  const id = scratch.toString('hex');
  return id === ZERO ? '0000000000000001' : id;
}

/** A number, or a character. */
function add(code: number): void {
  hash[0] = Math.imul((hash[0] ?? 0) ^ code, PRIME_1);
  hash[1] = Math.imul((hash[1] ?? 0) ^ code, PRIME_2);
}

function addText(text: string): void {
  let { 0: one = 0, 1: two = 0 } = hash;
  const { length } = text;
  for (let at = 0; at < length; at++) {
    const code = charCodeAt(text, at);
    one = Math.imul(one ^ code, PRIME_1);
    two = Math.imul(two ^ code, PRIME_2);
  }
  hash[0] = one;
  hash[1] = two;
  add(SEPARATOR);
}

/** Every bit of the hash has to do with every bit of the id. */
function finish(hash: number): number {
  const first = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return second ^ (second >>> 16);
}

/** A run from its creation, or from its n-th retry after it had ended. */
export function runSpanId(run: string, round: number): string {
  return spanId('run', run, '', round);
}

/** A task within such a round of its run. */
export function taskSpanId(run: string, task: string, round: number): string {
  return spanId('task', run, task, round);
}

/** One dispatch of a task, until its outcome is on disk, whatever became of the worker. */
export function dispatchSpanId(run: string, task: string, fence: number): string {
  return spanId('dispatch', run, task, fence);
}

/** The same attempt as its worker sees it. */
export function attemptSpanId(run: string, task: string, fence: number): string {
  return spanId('attempt', run, task, fence);
}

/** The time that it lay in its queue. */
export function queueSpanId(run: string, task: string, fence: number): string {
  return spanId('queue', run, task, fence);
}

/** The n-th call of an attempt to the outside. */
export function callSpanId(run: string, task: string, fence: number, number: number): string {
  return spanId('call', run, task, fence, number);
}

/** A decision from its question to its answer. */
export function decisionSpanId(decision: string): string {
  return spanId('decision', decision);
}

/** A wait that began with the event of this number. */
export function waitSpanId(run: string, seq: number): string {
  return spanId('wait', run, '', seq);
}

/**
 * What stands for the caller in the `traceparent` of a run that came without one: its trace begins with it. No span has this id, and
 * a run that has it as its parent is a root.
 */
export function rootSpanId(traceId: string): string {
  return spanId('root', traceId);
}
