import { beforeEach } from '@jest/globals';
import type { Change, RunState } from '../../pipeline/model.ts';
import type { StoreOf } from '../contract.ts';
import type { Creation, NewRun, Store } from '../store.ts';
import { mark, newRun, type NewRunOptions } from './changes.ts';

/** An empty store for each test. */
export function emptyStore(fixture: StoreOf): () => Store {
  beforeEach(async () => {
    await fixture().clear();
  });
  return () => fixture().store;
}

/** Creates a run and returns its state. */
export async function create(store: Store, options: NewRunOptions = {}): Promise<RunState> {
  return createdState((await store.create([newRun(options)], mark))[0]);
}

export async function createAll(store: Store, runs: readonly NewRun[]): Promise<readonly RunState[]> {
  return (await store.create(runs, mark)).map(createdState);
}

export function createdState(creation: Creation | undefined): RunState {
  if (creation?.status !== 'created') throw new Error(`not created: ${JSON.stringify(creation)}`);
  return creation.change.state;
}

/** Commits changes that must all be written; returns the state of the first. */
export async function commit(store: Store, ...changes: readonly Change[]): Promise<RunState> {
  const written = await store.commit(changes, mark);
  for (const { state } of changes) if (!written.has(state.id)) throw new Error(`run ${state.id} was not written`);
  const [first] = changes;
  if (first === undefined) throw new Error('no change');
  return first.state;
}

export async function stored(store: Store, id: string): Promise<RunState> {
  const state = (await store.load([id])).get(id);
  if (state === undefined) throw new Error(`run ${id} is not stored`);
  return state;
}
