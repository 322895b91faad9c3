import type { TraceSampler } from '@mainstay/types';

/** Whether a trace is sampled; `parent`: what the caller decided, if there is one. The same trace gets the same answer in every process. */
export type Sampler = (traceId: string, parent: boolean | undefined) => boolean;

/** `ratio`: share of traces, 0 to 1, for the samplers that go by it. */
export function createSampler(name: TraceSampler, ratio: number): Sampler {
  const root = rootSampler(name, ratio);
  return name.startsWith('parentbased_') ? (traceId, parent) => parent ?? root(traceId) : (traceId) => root(traceId);
}

function rootSampler(name: TraceSampler, ratio: number): (traceId: string) => boolean {
  if (name.endsWith('always_on')) return () => true;
  if (name.endsWith('always_off')) return () => false;
  return (traceId) => share(traceId) < ratio;
}

/** The random part of a trace id, its last 7 bytes, as a share of all values. As W3C Trace Context, level 2, has it. */
function share(traceId: string): number {
  return (Number.parseInt(traceId.slice(18, 25), 16) + Number.parseInt(traceId.slice(25), 16) / 2 ** 28) / 2 ** 28;
}
