import type { CompiledPipeline, RunState } from '../pipeline/model.ts';
import type { Store } from '../store/store.ts';
import type { Bundle } from './letters.ts';
import type { Pipelines } from './pipelines.ts';
import type { RunCache } from './run-cache.ts';

/** The letters of a run with what is needed to decide them. */
export interface Case {
  readonly bundle: Bundle;
  state: RunState | undefined;
  pipeline: CompiledPipeline | undefined;
  /** The state may be out of date. */
  readonly cached: boolean;
}

/** What is at hand. */
export function casesOf(bundles: readonly Bundle[], from: { readonly cache: RunCache; readonly pipelines: Pipelines }): Case[] {
  return bundles.map((bundle) => {
    const state = from.cache.get(bundle.run);
    const pipeline = state && from.pipelines.known(state.tenant, state.pipeline, state.version);
    return { bundle, state, pipeline, cached: state !== undefined };
  });
}

export function isIncomplete({ pipeline }: Case): boolean {
  return pipeline === undefined;
}

/** Reads what is missing from the store; runs that it does not have stay without a state. */
export async function complete(cases: readonly Case[], from: { readonly store: Store; readonly pipelines: Pipelines }): Promise<void> {
  const missing = cases.filter(({ state }) => state === undefined);
  if (missing.length > 0) {
    const states = await from.store.load(missing.map(({ bundle }) => bundle.run));
    for (const one of missing) one.state = states.get(one.bundle.run);
  }
  for (const one of cases) {
    const { state } = one;
    if (state !== undefined) one.pipeline ??= await from.pipelines.get(state.tenant, state.pipeline, state.version);
  }
}
