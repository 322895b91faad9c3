import { AgentError, serializeError } from '@mainstay/types';
import type { Draft } from './draft.ts';
import { cancelAttempt } from './end-run.ts';
import { giveUp } from './failure.ts';
import type { LostAttempt, RunInput } from './model.ts';
import { baseOf, isLive, type LiveTask, refunded } from './task-states.ts';

/** The present attempt, if the fence is its own. */
function attemptOf(draft: Draft, stage: string, fence: number): LiveTask | undefined {
  const task = draft.tasks.get(stage);
  return isLive(task) && task.fence === fence ? task : undefined;
}

/**
 * News of an attempt that goes on. A report that a later one has overtaken (its reader died, and it came again) tells only
 * its events: progress and checkpoint never go back.
 */
export function applyReport(draft: Draft, input: Extract<RunInput, { type: 'report' }>): void {
  const task = attemptOf(draft, input.task, input.fence);
  if (task === undefined) return;
  const { changes } = draft;
  if (task.status === 'dispatched') {
    draft.event('task.started', task.stage, { agent: task.agent, worker: input.worker, attempt: task.attempt, fence: task.fence });
  }
  const { progress: known, reported = 0 } = task.status === 'running' ? task : {};
  const overtaken = input.number !== undefined && input.number <= reported;
  const progress = overtaken ? known : (input.progress ?? known);
  const checkpoint = overtaken ? undefined : input.checkpoint;
  if (progress !== undefined && (progress.fraction !== known?.fraction || progress.note !== known.note)) {
    draft.event('task.progress', task.stage, { fraction: progress.fraction, note: progress.note });
  }
  if (checkpoint !== undefined) {
    draft.event('task.checkpointed', task.stage, { attempt: task.attempt });
    draft.noteCheckpoint(task.stage);
  }
  for (const emitted of input.events) draft.event('task.emitted', task.stage, { name: emitted.name, data: emitted.data, at: emitted.at });
  if (draft.changes === changes) return;
  draft.setTask({
    ...baseOf(task),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    startedAt: input.startedAt,
    status: 'running',
    dispatchedAt: task.dispatchedAt,
    worker: input.worker,
    ...(input.number === undefined ? {} : { reported: Math.max(reported, input.number) }),
    ...(progress === undefined ? {} : { progress }),
  });
}

/** Lost attempts that are remembered. */
const MAX_REMEMBERED = 10;
const SECOND_LOSS_MS = 1_000;
const MAX_LOSS_DELAY_MS = 30_000;

/**
 * How long a task waits after so many losses. The first says little of the task, and costs no time; from the second on it may be what
 * kills the workers, and must not do so faster than they come back. Half is random: what was lost together does not meet again.
 */
export function lossDelayMs(losses: number, random: () => number): number {
  if (losses < 2) return 0;
  const most = Math.min(MAX_LOSS_DELAY_MS, SECOND_LOSS_MS * 2 ** (losses - 2));
  return Math.ceil(most / 2 + (random() * most) / 2);
}

/** The worker is gone: another one gets the task, at once after the first loss, unless it has cost too many already. */
export function applyLost(draft: Draft, input: Extract<RunInput, { type: 'lost' }>): void {
  const task = attemptOf(draft, input.task, input.fence);
  if (task === undefined) return;
  const { worker, reason } = input;
  const loss: LostAttempt = { worker, reason, attempt: task.attempt, at: draft.now };
  const lost = [...(task.lost ?? []), loss].slice(-MAX_REMEMBERED);
  const base = { ...baseOf(task), losses: task.losses + 1, lost };
  const { maxLosses } = draft.pipeline.stage(task.stage).retry;
  const delayMs = base.losses <= maxLosses ? lossDelayMs(base.losses, draft.context.random) : 0;
  draft.event('task.lost', task.stage, {
    worker,
    reason,
    attempt: task.attempt,
    fence: task.fence,
    losses: base.losses,
    dueAt: delayMs > 0 ? draft.now + delayMs : undefined,
  });
  if (reason === 'silent') cancelAttempt(draft, task, 'lease-lost');
  if (base.losses <= maxLosses) {
    draft.setTask({ ...base, status: 'ready', dueAt: draft.now + delayMs });
    return;
  }
  const message = `The task lost its worker ${String(base.losses)} times; the last was ${worker}`;
  const details = { worker, losses: base.losses, maxLosses, lost: lost.map((one) => ({ ...one })) };
  giveUp(draft, base, serializeError(new AgentError('WORKER_LOST', message, { details, disposition: 'terminal' })));
}

/** The attempt never began, or what carried it is lost. */
export function applyUndelivered(draft: Draft, input: Extract<RunInput, { type: 'undelivered' }>): void {
  const task = attemptOf(draft, input.task, input.fence);
  if (task === undefined) return;
  draft.event('task.redispatched', task.stage, { fence: task.fence });
  draft.setTask({ ...refunded(baseOf(task)), status: 'ready', dueAt: draft.now });
}
