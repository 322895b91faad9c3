import { isDeepStrictEqual } from 'node:util';
import type { Report } from '../invariants.ts';
import { decodeOutput } from './decode.ts';
import type { StoredTasks } from './check-tasks.ts';
import { ACTIVE_STATUSES, FINAL_STATUSES, type RunFacts } from './facts.ts';
import type { RunReplay } from './run-replay.ts';

/** The run's own row. */
export function checkRow(facts: RunFacts, replay: RunReplay, report: Report): void {
  const { run } = facts;
  if (run.status !== replay.status) report('RUN_STATUS', `${run.status} is stored; the events lead to ${replay.status ?? 'nothing'}`);
  if (run.seq !== replay.last) report('EVENT_GAP', `the run's number is ${String(run.seq)}, its last event ${String(replay.last)}`);
  checkFields(facts, report);
  checkSlot(facts, report);
  if (run.idempotency_key !== null && run.key_run !== run.id) {
    report('KEY_MISMATCH', run.key_run === null ? 'its idempotency key is missing' : `its idempotency key leads to run ${run.key_run}`);
  }
}

function checkFields({ run }: RunFacts, report: Report): void {
  const { status } = run;
  const say = (what: string, has: boolean): void => report('FINAL_FIELDS', `the run is ${status} and has ${has ? 'an' : 'no'} ${what}`);
  if (run.has_finished_at !== FINAL_STATUSES.has(status)) say('end time', run.has_finished_at);
  if ((run.output !== null) !== (status === 'succeeded')) say('output', run.output !== null);
  if (run.has_error !== (status === 'failed')) say('error', run.has_error);
}

function checkSlot({ run }: RunFacts, report: Report): void {
  const wanted = run.concurrency !== null && (ACTIVE_STATUSES.has(run.status) || (run.status === 'queued' && run.admitted));
  if (run.slot !== wanted) {
    const limit = run.concurrency === null ? 'an unlimited' : 'a limited';
    report('SLOT_WRONG', `a run of ${limit} pipeline that is ${run.status} holds ${run.slot ? 'a' : 'no'} slot`);
  }
}

/**
 * The output of a run whose definition has no template for it: the outputs of the last stages. Templates are left to the
 * orchestrator, which alone evaluates expressions. True when it was compared.
 */
export function checkOutput({ run, definition }: RunFacts, { all }: StoredTasks, report: Report): boolean {
  if (run.status !== 'succeeded' || run.output === null || definition === undefined || definition.output !== undefined) return false;
  const output = decodeOutput(run.output);
  if ('problem' in output) {
    report('ROW_UNREADABLE', `the output: ${output.problem}`);
    return false;
  }
  const needed = new Set(definition.stages.flatMap(({ needs }) => needs));
  const last = definition.stages.filter(({ id }) => !needed.has(id));
  const expected = Object.fromEntries(
    last.map(({ id }) => {
      const task = all.get(id);
      return [id, task?.status === 'succeeded' ? (task.output ?? null) : null];
    }),
  );
  if (!isDeepStrictEqual(output.value, expected)) report('OUTPUT_DIFFERS', 'the output is not that of the last stages');
  return true;
}
