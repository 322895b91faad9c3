import { createLogger, createMetrics, type Logger } from '@mainstay/observability';
import { Broker } from './carrier/broker.ts';
import { START_MS } from './core/machine.ts';
import type { Fault, Plan } from './core/plan.ts';
import { Random } from './core/random.ts';
import { Scheduler } from './core/scheduler.ts';
import { Database } from './database/database.ts';
import type { Fleet } from './fleet/fleet.ts';
import { PIPELINES } from './fleet/pipelines.ts';
import { fairSurroundings, System } from './fleet/system.ts';
import { TENANT, Users } from './fleet/users.ts';
import { SOUND, type Variant } from './fleet/variant.ts';
import { Oracle } from './rules/oracle.ts';

/** Something that must never happen, and did. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
  readonly run?: string;
  /** Simulated milliseconds. */
  readonly at: number;
}

/** One line of a history. */
export interface Line {
  readonly at: number;
  readonly who: string;
  readonly what: string;
}

export interface SimulationOptions {
  /** Default: the sound system. */
  readonly variant?: Variant;
  /** Default: those of the plan. */
  readonly faults?: readonly Fault[];
  /** Told of everything that happens; slow. */
  readonly onLine?: (line: Line) => void;
}

export interface SimulationResult {
  readonly seed: number;
  readonly steps: number;
  /** Simulated milliseconds. */
  readonly simulatedMs: number;
  /** Of the whole history. */
  readonly hash: number;
  /** The simulation ends at the first one. */
  readonly violation: Violation | undefined;
  readonly runs: number;
}

/** Runs must have ended, and lanes be empty, so long after the last fault at the latest. */
const WITHIN_MS = 60_000;
/** Where the last resort is needed. */
const TREACHEROUS_WITHIN_MS = 240_000;
const STOP_WITHIN_MS = 60_000;

const metrics = createMetrics({ service: 'simulation', processMetrics: false });
const silent = createLogger({ service: 'simulation', level: 'silent' });

/** Plays one history: what a plan holds, until all runs have ended and all processes have stopped, or a rule is broken. */
export async function simulate(plan: Plan, options: SimulationOptions = {}): Promise<SimulationResult> {
  const { onLine, variant = SOUND, faults = plan.faults } = options;
  const scheduler = new Scheduler();
  let violation: Violation | undefined;
  const tell = (who: string, what: string): void => onLine?.({ at: scheduler.now, who, what });
  const onViolation = (rule: string, what: string, run?: string): void => {
    tell('VIOLATION', `${rule}: ${what}${run === undefined ? '' : ` (run ${run})`}`);
    violation ??= { rule, what, at: scheduler.now, ...(run === undefined ? {} : { run }) };
  };
  const oracle = new Oracle(() => database.store, onViolation);
  const database: Database = new Database(() => START_MS + Math.floor(scheduler.now), {
    marked: (mark) => {
      oracle.marked(mark);
    },
    written: async (change, mark) => {
      for (const { seq, type, task } of change.events) {
        scheduler.note(`${change.state.id} ${seq} ${type}`);
        tell(mark.orchestrator, `run ${change.state.id}: ${seq} ${type}${task === undefined ? '' : ` ${task}`}`);
      }
      await oracle.written(change, mark);
    },
  });
  const surroundings = fairSurroundings();
  const fleet: Fleet = {
    ...{ scheduler, database, oracle, variant, metrics, onViolation, tell },
    random: new Random(plan.seed, 'fleet'),
    broker: new Broker(
      () => scheduler.now,
      oracle,
      onLine === undefined
        ? undefined
        : (what) => {
            tell('carrier', what);
          },
    ),
    loggerOf: (process) => (onLine === undefined ? silent : loggerOf(process, tell)),
    config: { missingMs: plan.treacherous ? 15_000 : 100_000_000, stalledMs: 3_000, watchdogMs: 1_000 },
    capacity: plan.capacity,
    carrierWeather: () => surroundings.carrier,
    databaseWeather: () => surroundings.database,
    moods: () => surroundings.moods,
  };
  oracle.lateCommits = plan.treacherous;
  for (const definition of PIPELINES) await database.store.putPipeline(TENANT, definition);
  await oracle.learn(
    TENANT,
    PIPELINES.map(({ name }) => name),
  );

  const system = new System(fleet, plan, surroundings);
  const users = new Users(fleet, () => system.orchestrators);
  const onRejection = (error: unknown): void => {
    onViolation('no rejection is forgotten', String(error));
  };
  process.on('unhandledRejection', onRejection);
  const broken = (): boolean => violation !== undefined;
  try {
    system.begin();
    users.begin(plan.runs, plan.calmAt);
    for (const fault of faults)
      scheduler.in(fault.at, 'fault', () => {
        system.strike(fault);
      });
    const end = Math.max(plan.calmAt, ...faults.map(({ at, forMs }) => at + forMs + 1));
    await scheduler.until(broken, end);
    system.mend();
    users.calm = true;
    tell('faults', 'are over');
    const within = plan.treacherous ? TREACHEROUS_WITHIN_MS : WITHIN_MS;
    const quiet = (): boolean => users.satisfied && fleet.broker.entries === 0;
    if (!broken()) await scheduler.until(() => broken() || quiet(), end + within);
    if (!broken() && !quiet()) onViolation(...whatIsLeft(oracle, users, fleet.broker, within));
    if (!broken()) await checkSum(database, oracle, users, onViolation);
    if (!broken()) await stop(system, scheduler, broken, onViolation);
  } finally {
    process.off('unhandledRejection', onRejection);
  }
  return {
    ...{ seed: plan.seed, steps: scheduler.steps, simulatedMs: scheduler.now, hash: scheduler.hash >>> 0 },
    ...{ violation, runs: oracle.runs.size },
  };
}

function whatIsLeft(
  oracle: Oracle,
  users: Users,
  { entries, leftover }: Broker,
  withinMs: number,
): [rule: string, what: string, run?: string] {
  const within = `${withinMs / 1_000} s after the last fault`;
  for (const { key, run } of users.orders) {
    if (run === undefined) return ['every order is taken', `${key} has no run ${within}`];
    const model = oracle.runs.get(run);
    const state = oracle.states.get(run);
    if (model === undefined || state?.finishedAt === undefined) {
      const tasks = [...(model?.tasks ?? [])].map(([stage, { phase, fence }]) => `${stage} ${phase} ${fence}`).join(', ');
      return ['every run ends', `it is ${model?.status ?? 'unknown'} ${within}: ${tasks}`, run];
    }
  }
  const what = `${entries} entries lie in the lanes ${within}`;
  return leftover === undefined ? ['nothing is leaked', what] : ['nothing is leaked', `${what}, of them ${leftover.says}`, leftover.run];
}

/** What was accepted is there, once, and nothing else. */
async function checkSum(
  database: Database,
  oracle: Oracle,
  users: Users,
  onViolation: (rule: string, what: string) => void,
): Promise<void> {
  const { items } = await database.store.runs(TENANT, {}, { limit: 500 });
  const accepted = new Set(users.orders.map(({ run }) => run));
  if (items.length !== accepted.size || items.some(({ id }) => !accepted.has(id)))
    onViolation('the sum over all states is what was accepted', `${items.length} runs are stored, ${accepted.size} were accepted`);
  const letters = (await database.store.deadLetters(TENANT, { limit: 500 })).items.length;
  const deaths = [...oracle.runs.values()].reduce((sum, run) => sum + run.deaths, 0);
  if (letters !== deaths) onViolation('every task that died has its letter', `${deaths} tasks died, ${letters} letters are kept`);
  const open = await database.store.decisions(TENANT, { status: 'open' }, { limit: 500 });
  if (open.items.length > 0) onViolation('nothing is leaked', `${open.items.length} decisions are open though all runs have ended`);
  const kept = await database.store.decisions(TENANT, { status: 'answered' }, { limit: 500 });
  const rows = new Map(kept.items.map(({ id, answer }) => [id, answer]));
  for (const { id, answers } of oracle.runs.values())
    for (const [decision, answer] of answers)
      if (rows.get(decision) !== answer) onViolation('every answer is kept', `${decision} of run ${id} was answered ${String(answer)}`);
  const outstanding = await database.store.outstanding();
  if (outstanding.length > 0) onViolation('nothing is leaked', `tasks are outstanding: ${JSON.stringify(outstanding)}`);
}

async function stop(
  system: System,
  scheduler: Scheduler,
  broken: () => boolean,
  onViolation: (rule: string, what: string) => void,
): Promise<void> {
  system.stopAll('worker');
  system.stopAll('orchestrator');
  await scheduler.until(() => broken() || system.over, scheduler.now + STOP_WITHIN_MS);
  if (!broken() && !system.over)
    onViolation('a stop succeeds', `processes are left ${STOP_WITHIN_MS / 1_000} s after they were told to stop`);
}

function loggerOf(name: string, tell: (who: string, what: string) => void): Logger {
  return createLogger({
    service: 'simulation',
    level: 'debug',
    destination: {
      write: (line) => {
        const { level, msg, err, time: _time, service: _service, pid: _pid, ...fields } = JSON.parse(line) as Record<string, unknown>;
        const cause = typeof err === 'object' && err !== null && 'message' in err ? ` (${String(err.message)})` : '';
        const rest = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`;
        tell(name, `${String(level)}: ${String(msg)}${cause}${rest}`);
      },
    },
  });
}
