import type { Finding, Report } from '../invariants.ts';
import { checkBelongings } from './check-belongings.ts';
import { checkOutput, checkRow } from './check-row.ts';
import { checkTasks } from './check-tasks.ts';
import { decodeEvents } from './decode.ts';
import type { RunFacts } from './facts.ts';
import { readTasks } from './read-tasks.ts';
import { RunReplay } from './run-replay.ts';

/** What the check of one run found, and what it counted on the way. */
export interface RunCheck {
  readonly findings: readonly Finding[];
  readonly events: number;
  readonly tasks: number;
  /** Dispatches of tasks beyond their first. */
  readonly repeats: number;
  /** Whether its output was compared with those of its tasks. */
  readonly outputCompared: boolean;
}

/** Findings of one kind that are kept per run: a run that is broken through and through is told of often enough. */
const MAX_PER_RUN = 20;

/** Checks everything that is stored of one run. Pure. */
export function checkRun(facts: RunFacts): RunCheck {
  const { id: run, tenant } = facts.run;
  const findings: Finding[] = [];
  const report: Report = (code, message, stage) => {
    if (findings.length < MAX_PER_RUN) findings.push({ code, run, tenant, ...(stage === undefined ? {} : { stage }), message });
  };
  const replay = replayOf(facts, report);
  const tasks = readTasks(facts, report);
  checkRow(facts, replay, report);
  checkTasks(facts, tasks, replay, report);
  checkBelongings(facts, tasks, replay, report);
  const outputCompared = checkOutput(facts, tasks, report);
  let repeats = 0;
  for (const task of replay.tasks.values()) repeats += task.repeats;
  return { findings, events: replay.events, tasks: tasks.all.size, repeats, outputCompared };
}

function replayOf({ changes }: RunFacts, report: Report): RunReplay {
  const replay = new RunReplay(report);
  for (const { events, last } of changes) {
    const decoded = decodeEvents(events);
    if ('problem' in decoded) {
      report('ROW_UNREADABLE', `the events of change ${String(last)}: ${decoded.problem}`);
      continue;
    }
    for (const event of decoded.value) replay.apply(event);
    if (replay.last !== last) report('EVENT_GAP', `change ${String(last)} ends with event ${String(replay.last)}`);
  }
  return replay;
}
