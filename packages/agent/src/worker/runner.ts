import { AgentError, type AttemptRef, CancelledError, type Outcome, type TaskMessage } from '@mainstay/types';
import { type LogContext, runWithBoth, runWithContext, traceIdOf } from '@mainstay/observability';
import type { Delivery, Receipt } from '@mainstay/transport';
import { strayWork, underDeadline } from '@mainstay/utils';
import { Attempt } from '../attempt/attempt.ts';
import { AttemptTrace } from '../attempt/attempt-trace.ts';
import { AttemptDeadline } from '../attempt/attempt-deadline.ts';
import { AttemptContext, type AttemptHost } from '../attempt/attempt-context.ts';
import { decideOutcome, failed, type Settled } from '../attempt/decide-outcome.ts';
import type { Stop } from '../attempt/stop.ts';
import type { BaseAgent } from '../base-agent.ts';
import { schemaIssues } from '../schema-issues.ts';
import type { TaskLog } from '../task-context.ts';
import { Calls } from './calls.ts';
import type { Deadlines } from './deadlines.ts';
import { AtEndOfRound } from './end-of-round.ts';
import { type Ledger, taskKey } from './ledger.ts';
import type { Outbox } from './outbox.ts';
import type { Slots } from './slots.ts';
import { Teller } from './teller.ts';
import { Waiters } from './waiters.ts';
import type { WorkerPlan } from './worker-options.ts';

interface RunnerParts {
  readonly plan: WorkerPlan;
  readonly outbox: Outbox;
  readonly deadlines: Deadlines;
  readonly ledger: Ledger;
  readonly slots: Slots;
  /** False while the lease has run out, or such tasks are not wanted now: what a read under way still brings is handed back. */
  readonly mayBegin: (task: TaskMessage) => boolean;
}

/** Begins, watches and ends attempts. */
export class Runner implements AttemptHost {
  readonly calls: Calls;
  readonly maxCheckpointBytes: number;
  readonly #parts: RunnerParts;
  readonly #teller: Teller;
  readonly #agents: ReadonlyMap<string, BaseAgent>;
  /** Attempts that are not over, by task. */
  readonly #current = new Map<string, Attempt>();
  /** Attempts that were given up and go on. */
  readonly #strays = new Set<Attempt>();
  readonly #draining = new AbortController();
  readonly #quieted = new Waiters();
  readonly #showRunning: AtEndOfRound;
  #ticking = false;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#teller = new Teller(parts.outbox, () => this.now());
    this.#agents = new Map(parts.plan.agents.map((agent) => [agent.kind, agent]));
    this.calls = new Calls(parts.plan.clock, parts.plan.metrics, parts.plan.logger);
    this.maxCheckpointBytes = parts.plan.maxCheckpointBytes;
    this.#showRunning = new AtEndOfRound(() => parts.plan.metrics.running?.(parts.slots.used));
  }

  get draining(): AbortSignal {
    return this.#draining.signal;
  }

  /** Attempts whose end has not been decided. */
  attempts(): readonly Attempt[] {
    return [...this.#current.values()];
  }

  now(): number {
    return this.#parts.plan.clock.now();
  }

  log({ task, agent }: Attempt): TaskLog {
    return this.#parts.plan.logger.child({ agent: agent.kind, attempt: task.attempt, fence: task.fence });
  }

  /** Takes a task that was read: begins it, hands it back when the worker is draining, or drops it when it is old news. */
  accept({ message: task, receipt }: Delivery<TaskMessage>): void {
    const key = taskKey(task);
    const verdict = this.#parts.ledger.admit(key, task, receipt);
    if (verdict === 'in-hand') return;
    if (verdict !== 'new') {
      this.#parts.plan.logger.info({ ...logContext(task), fence: task.fence, verdict }, 'a delivery was dropped');
      this.#teller.drop(receipt);
      return;
    }
    const older = this.#current.get(key);
    if (older !== undefined) this.stop(older, { kind: 'lost' });
    const agent = this.#agents.get(task.agent);
    if (agent === undefined) this.#refuse(task, receipt);
    else this.#begin(this.#attempt(key, task, receipt, agent));
  }

  /** Begins to stop an attempt; see {@link Stop}. */
  stop(attempt: Attempt, stop: Stop): void {
    if (!attempt.stop(stop)) return;
    if (stop.kind === 'lost') {
      this.#end(attempt, undefined);
      return;
    }
    const { deadlines, plan } = this.#parts;
    attempt.limit(
      deadlines.in(plan.abortGraceMs, () => {
        plan.logger.warn(
          { ...logContext(attempt.task), agent: attempt.agent.kind },
          'an attempt does not stop; it is given up and keeps its slot until it settles',
        );
        attempt.strays(strayWork.add(`agent ${attempt.agent.kind}`, plan.clock));
        this.#strays.add(attempt);
        this.#end(attempt, undefined);
      }),
    );
  }

  /** Stops the named attempts that are in hand. */
  stopAll(refs: readonly AttemptRef[], stopOf: (attempt: Attempt) => Stop): void {
    for (const ref of refs) {
      const attempt = this.#current.get(taskKey(ref));
      if (attempt?.task.fence === ref.fence) this.stop(attempt, stopOf(attempt));
    }
  }

  /** Tells all attempts that the worker is about to end, and hands back what is accepted from now on. */
  beginDraining(): void {
    this.#draining.abort(new CancelledError('SUSPENDED', 'The worker is draining'));
  }

  /** Resolves when the end of every attempt has been decided, or the signal aborts. */
  async quiet(signal: AbortSignal): Promise<void> {
    while (this.#current.size > 0 && !signal.aborted) await this.#quieted.wait(signal);
  }

  /** Ends every attempt that is left as it stands. */
  giveUp(): void {
    for (const attempt of this.attempts()) this.#end(attempt, undefined);
  }

  /** The worker has stopped: what goes on all the same is not watched any more. */
  close(): void {
    for (const attempt of this.#strays) attempt.settled();
    this.#strays.clear();
    this.calls.close();
  }

  report(attempt: Attempt): void {
    this.#teller.report(attempt);
  }

  #attempt(key: string, task: TaskMessage, receipt: Receipt, agent: BaseAgent): Attempt {
    const { transport, tracing } = this.#parts.plan;
    const trace = tracing === undefined ? undefined : new AttemptTrace(tracing, task);
    return new Attempt(key, task, receipt, agent, transport.name, this.now(), trace);
  }

  #begin(attempt: Attempt): void {
    const { task, agent } = attempt;
    this.#current.set(attempt.key, attempt);
    const leftMs = attempt.deadline - attempt.startedAt;
    let input: unknown;
    try {
      if (leftMs <= 0) throw attempt.timeoutError();
      input = parseInput(agent, task);
    } catch (error) {
      this.#tell(attempt, this.draining.aborted ? { status: 'suspended' } : failed(error));
      return;
    }
    if (this.draining.aborted || !this.#parts.mayBegin(task)) {
      this.#tell(attempt, { status: 'suspended' });
      return;
    }
    attempt.limit(
      this.#parts.deadlines.in(leftMs, () => {
        this.stop(attempt, { kind: 'timeout', error: attempt.timeoutError() });
      }),
    );
    this.#parts.slots.take(agent.kind);
    this.#showRunning.ask();
    this.#tick();
    void this.#run(attempt, input);
  }

  async #run(attempt: Attempt, input: unknown): Promise<void> {
    const { task, agent } = attempt;
    const deadline = new AttemptDeadline(attempt, this.#parts.plan.clock);
    let settled: Settled;
    try {
      const { trace } = attempt;
      const run = (): Promise<unknown> => agent.run(input, new AttemptContext(attempt, this));
      const work = (): Promise<unknown> => underDeadline(deadline, run);
      const context = logContext(task);
      settled = { ok: true, value: await (trace === undefined ? runWithContext(context, work) : runWithBoth(context, trace, work)) };
    } catch (thrown) {
      settled = { ok: false, thrown: deadline.judge(thrown) };
    }
    attempt.settled();
    this.#strays.delete(attempt);
    this.#parts.slots.release(agent.kind);
    this.#showRunning.ask();
    if (!attempt.ended) this.#end(attempt, settled);
  }

  #end(attempt: Attempt, settled: Settled): void {
    const { agent, stopped } = attempt;
    const { maxOutputBytes, abortGraceMs } = this.#parts.plan;
    this.#tell(attempt, decideOutcome({ agent, stop: stopped, settled, maxOutputBytes, abortGraceMs }));
  }

  /** The end of an attempt: sends its last news and its outcome. */
  #tell(attempt: Attempt, outcome: Outcome | undefined): void {
    if (attempt.ended) return;
    attempt.ended = true;
    attempt.limit(undefined);
    if (this.#current.get(attempt.key) === attempt) this.#current.delete(attempt.key);
    const now = this.now();
    const durationMs = Math.max(0, now - attempt.startedAt);
    const { task, agent, worker, startedAt } = attempt;
    const status = outcome?.status ?? 'lost';
    this.#parts.plan.metrics.attemptEnded?.({ kind: agent.kind, status, durationMs, traceparent: task.traceparent });
    attempt.trace?.end({ worker, startedAt, endedAt: now, outcome });
    attempt.trace = undefined;
    this.#teller.end(attempt, outcome, now);
    this.#log(attempt, outcome, durationMs);
    if (this.#current.size === 0) this.#quieted.wake();
  }

  /** Short successes are many, and the run's own line tells of them together. */
  #log({ task, agent }: Attempt, outcome: Outcome | undefined, durationMs: number): void {
    const { logger } = this.#parts.plan;
    const status = outcome?.status ?? 'lost';
    const level = status === 'succeeded' && durationMs < TOLD_MS ? 'debug' : 'info';
    if (logger.isLevelEnabled?.(level) === false) return;
    const code = outcome?.status === 'failed' ? { code: outcome.error.code } : {};
    logger[level]({ ...logContext(task), agent: agent.kind, attempt: task.attempt, status, durationMs, ...code }, 'an attempt ended');
  }

  #refuse(task: TaskMessage, receipt: Receipt): void {
    this.#parts.plan.logger.error({ ...logContext(task), agent: task.agent }, 'a task of a kind that is not offered was dropped');
    this.#teller.drop(receipt);
  }

  /** Reports, as long as anything runs. */
  #tick(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    const { deadlines, plan } = this.#parts;
    deadlines.in(plan.reportMs, () => {
      this.#ticking = false;
      const due = this.now() - plan.reportMs;
      for (const attempt of this.#current.values()) {
        if (attempt.startedAt <= due && (!attempt.reported || attempt.hasNews)) this.report(attempt);
      }
      if (this.#current.size > 0) this.#tick();
    });
  }
}

/** Attempts that succeed in less are for debugging. */
const TOLD_MS = 100;

/** @throws AgentError `AGENT_INPUT_INVALID` */
function parseInput(agent: BaseAgent, task: TaskMessage): unknown {
  const parsed = agent.input.safeParse(task.input);
  if (parsed.success) return parsed.data;
  const { details, summary } = schemaIssues(parsed.error);
  throw new AgentError('AGENT_INPUT_INVALID', `The input of stage ${task.task} does not satisfy agent ${agent.kind}: ${summary}`, {
    details: { agent: agent.kind, ...details },
  });
}

function logContext({ correlationId, traceparent, run, task, tenant }: TaskMessage): LogContext {
  return { correlationId, run, task, tenant, traceId: traceIdOf(traceparent) };
}
