import { ValidationError } from '@mainstay/types';

/** Where a function is: empty `url` for what is no JavaScript. `lineNumber` counts from 0. */
export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

/** A call stack that was seen: a function, called by the node that names this one among its children. */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  /** Ids. Absent: none. */
  readonly children?: readonly number[] | undefined;
}

/** What a CPU profile of V8 (`.cpuprofile`) says, as far as it is used. The first node is the root of all stacks. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Ids of the nodes that ran, one per sample. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. V8 gives a few below zero; they count as zero. */
  readonly timeDeltas: readonly number[];
}

/** The value as a profile; rejects with VALIDATION_FAILED what is none. What else it holds stays in it. */
export function asCpuProfile(value: unknown): CpuProfile {
  const { nodes, samples, timeDeltas } = objectOf(value);
  if (!Array.isArray(nodes) || nodes.length === 0) throw invalid('it has no nodes');
  if (!nodes.every(isNode)) throw invalid('one of its nodes is not as it should be');
  if (!isNumbers(samples) || !isNumbers(timeDeltas)) throw invalid('it has no samples with timeDeltas');
  if (samples.length !== timeDeltas.length) throw invalid('it has not as many timeDeltas as samples');
  return value as CpuProfile;
}

function isNode(value: unknown): value is ProfileNode {
  const { id, callFrame, children } = objectOf(value);
  const { functionName, url, lineNumber } = objectOf(callFrame);
  return (
    typeof id === 'number' &&
    typeof functionName === 'string' &&
    typeof url === 'string' &&
    typeof lineNumber === 'number' &&
    (children === undefined || isNumbers(children))
  );
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number' && Number.isFinite(item));
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function invalid(why: string): ValidationError {
  return new ValidationError('VALIDATION_FAILED', `This is no CPU profile of V8: ${why}`);
}

/** Microseconds in each node itself, by node id; idle time included. */
export function selfMicros({ samples, timeDeltas }: CpuProfile): ReadonlyMap<number, number> {
  const micros = new Map<number, number>();
  for (const [index, id] of samples.entries()) {
    micros.set(id, (micros.get(id) ?? 0) + Math.max(0, timeDeltas[index] ?? 0));
  }
  return micros;
}
