import { describe, expect, test } from '@jest/globals';
import type { Definition } from '../pipeline/model.ts';
import { parseDefinition } from '../pipeline/parse-definition.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import type { Store } from '../store/store.ts';
import { Pipelines } from './pipelines.ts';

const definition = (timeoutMs: number): Definition =>
  parseDefinition(
    { name: 'one', stages: [{ id: 'a', agent: 'noop' }], timeoutMs },
    { knownAgents: new Set(['noop']), allowUnknownAgents: false },
  );

describe('pipelines', () => {
  const counted = (): { readonly store: Store; readonly read: (number | undefined)[] } => {
    const memory = createMemoryStore();
    const read: (number | undefined)[] = [];
    const store: Store = {
      ...memory,
      pipeline: (tenant, name, version) => {
        read.push(version);
        return memory.pipeline(tenant, name, version);
      },
    };
    return { store, read };
  };

  test('are read once per version, also when the newest one is asked for', async () => {
    const { store, read } = counted();
    const pipelines = new Pipelines(store);
    await store.putPipeline('t', definition(1_000));
    const first = await pipelines.get('t', 'one');
    expect(await pipelines.get('t', 'one')).toBe(first);
    expect(await pipelines.get('t', 'one', 1)).toBe(first);
    await store.putPipeline('t', definition(2_000));
    expect((await pipelines.get('t', 'one')).version).toBe(2);
    expect(await pipelines.get('t', 'one', 1)).toBe(first);
    expect(read).toEqual([1, 2]);
  });

  test('are read anew once they were put out by others used since', async () => {
    const { store, read } = counted();
    const pipelines = new Pipelines(store, 1);
    await store.putPipeline('t', definition(1_000));
    await store.putPipeline('u', definition(1_000));
    for (const tenant of ['t', 'u', 't', 't']) await pipelines.get(tenant, 'one');
    expect(read).toEqual([1, 1, 1]);
  });

  test('that are unknown are not found', async () => {
    const { store } = counted();
    const pipelines = new Pipelines(store);
    await store.putPipeline('t', definition(1_000));
    for (const [tenant, name, version] of [
      ['t', 'two', undefined],
      ['u', 'one', undefined],
      ['t', 'one', 2],
    ] as const)
      await expect(pipelines.get(tenant, name, version)).rejects.toMatchObject({ code: 'PIPELINE_NOT_FOUND' });
  });
});
