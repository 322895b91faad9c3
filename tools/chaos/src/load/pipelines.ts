/** Tasks may lose their workers, and fail, as often as the faults want it: only what is broken by itself ends otherwise. */
const patient = { maxAttempts: 100, maxLosses: 100, baseMs: 50, maxMs: 500 };
const step = (id: string, ms: number, more: object = {}): object => ({ id, agent: 'chaos-step', retry: patient, input: { ms }, ...more });

/** How a run of it ends whatever happens. */
export type Ending = 'succeeded' | 'failed';

export interface ChaosPipeline {
  readonly definition: { readonly name: string };
  readonly ends: Ending;
  readonly steps: number;
  /** How often it is chosen, relative to the others. */
  readonly weight: number;
}

/** The mixed load. */
export const PIPELINES: readonly ChaosPipeline[] = [
  {
    definition: define('chain', [
      step('a', 20),
      step('b', 30, needs('a')),
      step('c', 10, needs('b')),
      step('d', 40, needs('c')),
      step('e', 10, needs('d')),
    ]),
    ends: 'succeeded',
    steps: 5,
    weight: 5,
  },
  {
    definition: define('fan', [
      step('a', 10),
      ...['b', 'c', 'd', 'e'].map((id) => step(id, 60, needs('a'))),
      step('z', 10, needs('b', 'c', 'd', 'e')),
    ]),
    ends: 'succeeded',
    steps: 6,
    weight: 3,
  },
  { definition: define('long', [step('a', 0, { input: { ms: 1_200, parts: 6 } })]), ends: 'succeeded', steps: 1, weight: 2 },
  {
    definition: define('flaky', [step('a', 0, { input: { ms: 10, failures: 2 } }), step('b', 10, needs('a'))]),
    ends: 'succeeded',
    steps: 2,
    weight: 1,
  },
  {
    definition: define('asking', [{ id: 'a', agent: 'chaos-ask', retry: patient, input: { timeoutMs: 300 } }, step('b', 10, needs('a'))]),
    ends: 'succeeded',
    steps: 1,
    weight: 1,
  },
  {
    definition: { ...define('limited', [step('a', 20), step('b', 20, needs('a'))]), concurrency: 8 } as { name: string },
    ends: 'succeeded',
    steps: 2,
    weight: 1,
  },
  { definition: define('template', [step('a', 10)], { sum: '${stages.a.output.done}' }), ends: 'succeeded', steps: 1, weight: 1 },
];

/** Pipelines of single faults. */
export const POISON: Readonly<Record<'crash' | 'crash-always' | 'hang' | 'allocate' | 'garbage', ChaosPipeline>> = {
  crash: poison('crash', { how: 'crash', times: 1 }, 'succeeded', 100),
  'crash-always': poison('crash-always', { how: 'crash', times: 1_000 }, 'failed', 2),
  hang: poison('hang', { how: 'hang', times: 1, ms: 6_000 }, 'succeeded', 100),
  allocate: poison('allocate', { how: 'allocate', times: 1 }, 'succeeded', 100),
  garbage: poison('garbage', { how: 'garbage', times: 1_000 }, 'failed', 100),
};

function poison(name: string, input: object, ends: Ending, maxLosses: number): ChaosPipeline {
  const stage = { id: 'a', agent: 'chaos-poison', retry: { ...patient, maxLosses }, input };
  return { definition: define(`poison-${name}`, [stage]), ends, steps: 1, weight: 0 };
}

function define(name: string, stages: readonly object[], output?: object): { readonly name: string } {
  return { name, stages, ...(output === undefined ? {} : { output }) } as { readonly name: string };
}

function needs(...ids: readonly string[]): object {
  return { needs: ids };
}
