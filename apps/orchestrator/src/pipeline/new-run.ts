import type { JsonValue } from '@mainstay/types';
import { Draft } from './draft.ts';
import type { Change, CompiledPipeline, RunState, TransitionContext } from './model.ts';
import { applyInput } from './transition.ts';

export interface NewRunParams {
  readonly id: string;
  readonly tenant: string;
  readonly input: JsonValue;
  /** -100 … 100; default 0. */
  readonly priority?: number;
  readonly correlationId: string;
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
  /** Who asked for the run. */
  readonly by: string;
  /** When nobody wants its result any more. Default: only the pipeline says so. */
  readonly deadlineAt?: number;
}

/** A new run in both forms: as it is when it must wait for a slot, and as it is when it begins at once. */
export function newRun(
  pipeline: CompiledPipeline,
  params: NewRunParams,
  context: TransitionContext,
): { readonly queued: Change; readonly started: Change } {
  const before = blankRun(pipeline, params, context);
  const queued = created(pipeline, before, params.by, context);
  queued.event('run.queued');
  const started = created(pipeline, before, params.by, context);
  applyInput(started, START);
  return { queued: queued.toChange(), started: started.toChange() };
}

const START = Object.freeze({ type: 'start' });

function blankRun(pipeline: CompiledPipeline, params: NewRunParams, context: TransitionContext): RunState {
  const { id, tenant, input, priority = 0, correlationId, traceparent, tracestate, deadlineAt } = params;
  return {
    ...{ id, tenant, input, priority, correlationId, traceparent },
    pipeline: pipeline.definition.name,
    version: pipeline.version,
    status: 'queued',
    seq: 0,
    slot: false,
    createdAt: context.now,
    tasks: new Map(),
    decisions: new Map(),
    ...(tracestate === undefined ? undefined : { tracestate }),
    ...(deadlineAt === undefined ? undefined : { deadlineAt }),
  };
}

function created(pipeline: CompiledPipeline, before: RunState, by: string, context: TransitionContext): Draft {
  const draft = new Draft(pipeline, before, context);
  draft.event('run.created', undefined, { by, pipeline: before.pipeline, version: before.version, priority: before.priority });
  return draft;
}
