import { hash } from 'node:crypto';

/**
 * Ids of spans, made of what names the thing: every process makes the same, today and after a restart, so a parent is known before
 * its span is written and a span that is written twice is the same one.
 */

const ZERO = '0'.repeat(16);

function spanId(...parts: readonly (string | number)[]): string {
  const id = hash('sha256', parts.join('\n'), 'hex').slice(0, 16);
  return id === ZERO ? '0000000000000001' : id;
}

/** A run from its creation, or from its n-th retry after it had ended. */
export function runSpanId(run: string, round: number): string {
  return spanId('run', run, round);
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
  return spanId('wait', run, seq);
}

/**
 * What stands for the caller in the `traceparent` of a run that came without one: its trace begins with it. No span has this id, and
 * a run that has it as its parent is a root.
 */
export function rootSpanId(traceId: string): string {
  return spanId('root', traceId);
}
