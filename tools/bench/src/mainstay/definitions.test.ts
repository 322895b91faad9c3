import { describe, expect, test } from '@jest/globals';
import { selectWorkloads, type WorkloadName } from '../workloads.ts';
import { type Definition, definitionOf } from './definitions.ts';

function definition(name: WorkloadName): Definition {
  const [workload] = selectWorkloads([name], false);
  if (workload === undefined) throw new Error(`there is no workload ${name}`);
  return definitionOf(workload);
}

describe('definitionOf', () => {
  test('chain: five stages, each with the output of the one before', () => {
    const { stages } = definition('chain');
    expect(stages.map(({ needs }) => needs)).toEqual([[], ['s1'], ['s2'], ['s3'], ['s4']]);
    expect(stages[1]?.input).toEqual({ step: 2, bytes: 200, previous: ['${stages.s1.output}'] });
  });

  test('fan: one, ten, one that gets all ten', () => {
    const { stages } = definition('fan');
    expect(stages).toHaveLength(12);
    expect(stages.filter(({ needs }) => needs[0] === 's1')).toHaveLength(10);
    expect(stages.at(-1)?.needs).toEqual(stages.slice(1, 11).map(({ id }) => id));
  });

  test('payload has large outputs, recovery has steps that wait', () => {
    expect(definition('payload').stages[0]?.input).toEqual({ step: 1, bytes: 16_384 });
    expect(definition('recovery').stages[0]).toMatchObject({ agent: 'bench-sleep', input: { ms: 50 } });
  });
});

describe('selectWorkloads', () => {
  test('quick ones differ in the number of runs only', () => {
    const [full, quick] = [false, true].map((fast) => selectWorkloads(['fan'], fast)[0]);
    expect(quick).toMatchObject({ ...full, runs: 100, warmUpRuns: 20 });
    expect(full?.runs).toBe(500);
  });
});
