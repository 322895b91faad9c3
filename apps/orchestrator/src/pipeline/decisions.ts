import {
  AgentError,
  InternalError,
  type JsonValue,
  PipelineError,
  type Question,
  type SerializedError,
  serializeError,
} from '@mainstay/types';
import type { Draft } from './draft.ts';
import { failAttempt, giveUp } from './failure.ts';
import { bytesBeyond } from './json-size.ts';
import type { DecisionState, RunInput, TaskBase } from './model.ts';
import { sameJson } from './same-json.ts';
import { succeed } from './success.ts';
import { baseOf, refunded, withError, type WaitingTask } from './task-states.ts';

/** Questions that one task may ask; as many answers fit into a task message. */
export const MAX_ANSWERS = 100;
/** A held output is shown with a gate's question up to this size. */
const MAX_SHOWN_BYTES = 65_536;

/** The task waits for an answer. Asking what was answered, or far too much, is a failure of the agent: otherwise it could go on for ever. */
export function ask(draft: Draft, base: TaskBase, question: Question): void {
  const repeated = base.answers.some((answer) => answer.key === question.key);
  if (repeated || base.answers.length >= MAX_ANSWERS) {
    const problem = repeated ? `asked again what was answered: ${question.key}` : `asked more than ${String(MAX_ANSWERS)} questions`;
    failAttempt(draft, base, serializeError(new AgentError('AGENT_FAILED', `The agent ${base.agent} ${problem}`)));
    return;
  }
  const decision = open(draft, base.stage, 'question', question);
  draft.setTask({ ...refunded(base), status: 'waiting', decision: decision.id });
}

/** A gate does not hold and its stage wants a person to decide; the output is held until then. */
export function openGateDecision(draft: Draft, base: TaskBase, output: JsonValue, error: SerializedError): void {
  const { ask: wishes, gate = '' } = draft.pipeline.stage(base.stage);
  const outputBytes = bytesBeyond(output, MAX_SHOWN_BYTES);
  const decision = open(draft, base.stage, 'gate', {
    key: 'gate',
    question:
      wishes.question ?? `The gate of stage ${base.stage} does not hold: ${gate.slice(0, 2_000)}. Accept the output, reject it, or retry?`,
    options: ['accept', 'reject', 'retry'],
    ...(wishes.timeoutMs === undefined ? {} : { timeoutMs: wishes.timeoutMs }),
    ...(wishes.default === undefined ? {} : { default: wishes.default }),
    context: { gate, problem: error.message, ...(outputBytes === undefined ? { output } : { outputBytes }) },
  });
  draft.setTask({ ...withError(base, error), status: 'waiting', decision: decision.id, held: output });
}

function open(draft: Draft, stage: string, kind: DecisionState['kind'], question: Question): DecisionState {
  const expiresAt = question.timeoutMs === undefined ? {} : { expiresAt: draft.now + question.timeoutMs };
  const decision: DecisionState = { id: draft.context.newId(), stage, kind, question, openedAt: draft.now, ...expiresAt };
  draft.openDecision(decision);
  draft.event('decision.opened', stage, { decision: decision.id, kind, key: question.key, question: question.question, ...expiresAt });
  return decision;
}

/** A user's answer. Who may answer a question that names an agent kind is not restricted: the name tells who is meant to. */
export function answer(draft: Draft, input: Extract<RunInput, { type: 'answer' }>): void {
  const decision = draft.decisions.get(input.decision);
  if (decision === undefined) {
    draft.verdicts.push(conflict('DECISION_NOT_FOUND', `The run has no open decision ${input.decision}`));
    return;
  }
  const { options } = decision.question;
  if (options !== undefined && !options.some((option) => sameJson(option, input.answer))) {
    const message = `The answer must be one of ${JSON.stringify(options).slice(0, 500)}`;
    draft.verdicts.push(conflict('VALIDATION_FAILED', message));
    return;
  }
  decide(draft, decision, input.answer, input.by, input.comment);
}

function conflict(
  code: 'DECISION_NOT_FOUND' | 'VALIDATION_FAILED',
  message: string,
): { taken: false; why: 'conflict'; code: typeof code; message: string } {
  return { taken: false, why: 'conflict', code, message };
}

/** The decision's time is over: its default answer, or failure. */
export function expire(draft: Draft, decision: DecisionState): void {
  const { id, stage, question } = decision;
  draft.event('decision.expired', stage, { decision: id, key: question.key });
  if (question.default !== undefined) {
    decide(draft, decision, question.default, 'default');
    return;
  }
  draft.closeDecision(id, null, 'expired');
  const message = `Nobody answered within ${String(question.timeoutMs)} ms: ${question.question.slice(0, 500)}`;
  const error = serializeError(new PipelineError('DECISION_EXPIRED', message, { details: { decision: id, stage } }));
  giveUp(draft, baseOf(waitingTask(draft, decision)), error);
}

function decide(draft: Draft, decision: DecisionState, value: JsonValue, by: string, comment?: string): void {
  const task = waitingTask(draft, decision);
  draft.closeDecision(decision.id, value, by, comment);
  draft.event('decision.answered', decision.stage, { decision: decision.id, key: decision.question.key, answer: value, by, comment });
  if (decision.kind === 'gate') {
    decideGate(draft, task, value, by);
    return;
  }
  const given = { key: decision.question.key, answer: value, by, ...(comment === undefined ? {} : { comment }) };
  draft.setTask({ ...baseOf(task), answers: [...task.answers, given], status: 'ready', dueAt: draft.now });
}

/** A person may have it retried as often as they like; the default answer only as often as the stage may fail. */
function decideGate(draft: Draft, task: WaitingTask, value: JsonValue, by: string): void {
  const base = baseOf(task);
  const error = base.error ?? serializeError(new PipelineError('GATE_FAILED', `The gate of stage ${base.stage} does not hold`));
  if (value === 'accept') succeed(draft, base, task.held ?? null, base.fallback > 0);
  else if (value !== 'retry') failAttempt(draft, base, error);
  else if (by === 'default') failAttempt(draft, base, { ...error, disposition: 'retryable' });
  else draft.setTask({ ...base, status: 'ready', dueAt: draft.now });
}

/** The task that waits on the decision; a decision is open exactly as long as there is one. */
function waitingTask(draft: Draft, decision: DecisionState): WaitingTask {
  const task = draft.tasks.get(decision.stage);
  if (task?.status === 'waiting') return task;
  throw new InternalError(`Decision ${decision.id} of run ${draft.run.id} is open although no task waits on it`);
}
