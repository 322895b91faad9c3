import { AgentError, CancelledError, type JsonValue, PipelineError, type SerializedError, serializeError } from '@mainstay/types';
import { ask, openGateDecision } from './decisions.ts';
import type { Draft } from './draft.ts';
import { brief, failAttempt } from './failure.ts';
import type { CompiledStage, RunInput, TaskBase } from './model.ts';
import { bytesBeyond } from './json-size.ts';
import { scopeOf } from './scope.ts';
import { succeed } from './success.ts';
import { baseOf, isLive, refunded } from './task-states.ts';
import { endWithAttempt } from './tick.ts';

type OutcomeInput = Extract<RunInput, { type: 'outcome' }>;

/** The end of an attempt. One with another fence than the present attempt's changes nothing. */
export function applyOutcome(draft: Draft, input: OutcomeInput): void {
  const task = draft.tasks.get(input.task);
  if (!isLive(task) || task.fence !== input.fence) return;
  const base = baseOf(task);
  base.startedAt = input.startedAt;
  if (input.checkpoint !== undefined) {
    base.checkpoint = input.checkpoint;
    draft.noteCheckpoint(base.stage);
  }
  const { outcome } = input;
  switch (outcome.status) {
    case 'succeeded':
      checkOutput(draft, base, outcome.output);
      return;
    case 'failed':
      if (!endWithAttempt(draft, outcome.error)) failAttempt(draft, base, outcome.error);
      return;
    case 'cancelled':
      failAttempt(draft, base, serializeError(new CancelledError('CANCELLED', 'The worker stopped the attempt although the run goes on')));
      return;
    case 'suspended':
      draft.event('task.suspended', base.stage, { worker: input.worker, fence: base.fence, checkpoint: base.checkpoint !== undefined });
      draft.setTask({ ...refunded(base), status: 'ready', dueAt: draft.now });
      return;
    case 'asked':
      ask(draft, base, outcome.question);
  }
}

/** Size, schema, gate, in this order. */
function checkOutput(draft: Draft, base: TaskBase, output: JsonValue): void {
  const problem = outputProblem(draft, base, output);
  if (problem !== undefined) failAttempt(draft, base, problem);
  else checkGate(draft, base, output);
}

function outputProblem(draft: Draft, base: TaskBase, output: JsonValue): SerializedError | undefined {
  const { maxOutputBytes, outputProblems } = draft.context;
  const bytes = bytesBeyond(output, maxOutputBytes);
  if (bytes !== undefined) {
    const message = `The output of ${base.agent} has ${String(bytes)} bytes; at most ${String(maxOutputBytes)} are allowed`;
    return serializeError(new AgentError('AGENT_OUTPUT_TOO_LARGE', message, { details: { bytes, maxOutputBytes } }));
  }
  const issues = outputProblems(base.agent, output);
  if (issues.length === 0) return undefined;
  const message = `The output of ${base.agent} does not satisfy its schema: ${issues.slice(0, 3).join('; ')}`;
  return serializeError(new AgentError('AGENT_OUTPUT_INVALID', message, { details: { issues: issues.slice(0, 100) } }));
}

function checkGate(draft: Draft, base: TaskBase, output: JsonValue): void {
  const stage = draft.pipeline.stage(base.stage);
  const failure = stage.gate === undefined ? undefined : gateFailure(draft, stage, stage.gate, output);
  if (failure === undefined) {
    succeed(draft, base, output, base.fallback > 0);
    return;
  }
  draft.event('gate.failed', base.stage, { gate: stage.gate, action: stage.onGateFailure, attempt: base.attempt, error: brief(failure) });
  if (stage.onGateFailure === 'ask') openGateDecision(draft, base, output, failure);
  else failAttempt(draft, base, stage.onGateFailure === 'retry' ? { ...failure, disposition: 'retryable' } : failure);
}

/** Undefined when the gate holds. One that cannot be evaluated does not hold. */
function gateFailure(draft: Draft, stage: CompiledStage, gate: string, output: JsonValue): SerializedError | undefined {
  const details = { stage: stage.id, gate: gate.slice(0, 200) };
  try {
    if (stage.passes(scopeOf(draft, stage.references, output))) return undefined;
    return serializeError(new PipelineError('GATE_FAILED', `The gate of stage ${stage.id} does not hold: ${details.gate}`, { details }));
  } catch (cause) {
    return serializeError(
      new PipelineError('GATE_FAILED', `The gate of stage ${stage.id} cannot be evaluated: ${details.gate}`, { details, cause }),
    );
  }
}
