import { describe, expect, test } from '@jest/globals';
import type { JsonValue, Outcome, TaskMessage } from '@mainstay/types';
import fc from 'fast-check';
import { compilePipeline } from './compile.ts';
import type { Change, CompiledPipeline, RunEvent, RunInput, RunState, TransitionContext } from './model.ts';
import { dueAt, FINAL_RUN_STATUSES, NOTABLE_EVENTS } from './model.ts';
import { newRun } from './new-run.ts';
import { parseDefinition } from './parse-definition.ts';
import { sameJson } from './same-json.ts';
import { transition } from './transition.ts';

/** Numbers in [0, 1) from a seed (mulberry32), so that a case is determined by what fast-check gives. */
function seeded(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const retry = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 3 }),
  maxLosses: fc.integer({ min: 0, max: 2 }),
  backoff: fc.constantFrom('exponential', 'linear', 'constant'),
  baseMs: fc.constantFrom(0, 10, 1_000),
  jitter: fc.constantFrom('full', 'none'),
});

const onFailure = fc.oneof(
  fc.constant({ action: 'fail' }),
  fc.constant({ action: 'degrade', output: { ok: true, value: 0 } }),
  fc.record({ action: fc.constant('retry'), times: fc.integer({ min: 1, max: 2 }), delayMs: fc.constantFrom(0, 500) }),
);

const gate = fc.constantFrom(undefined, undefined, 'output.ok', 'output.ok || output.missing == 1');
const asks = fc.constantFrom({}, { timeoutMs: 5_000, default: 'accept' }, { timeoutMs: 5_000, default: 'retry' }, { timeoutMs: 5_000 });

/** A random DAG: each stage needs some of those before it. */
const definition = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat({ max: 9 }), { maxLength: 3 }),
      retry,
      onFailure,
      gate,
      ask: asks,
      onGateFailure: fc.constantFrom('fail', 'retry', 'ask'),
      fallback: fc.constantFrom([], [], ['second'], ['second', 'third']),
      when: fc.constantFrom(undefined, undefined, 'input.yes', 'input.no', 'input.missing'),
      reads: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .chain((stages) =>
    fc.record({
      name: fc.constant('random'),
      concurrency: fc.constantFrom(undefined, 3),
      timeoutMs: fc.constantFrom(undefined, undefined, 60_000),
      stages: fc.constant(
        stages.map(({ needs, reads, ...stage }, at) => {
          const ids = at === 0 ? [] : [...new Set(needs.map((need) => `s${String(need % at)}`))];
          const first = ids[0];
          const input =
            reads && first !== undefined ? { input: { from: `\${stages.${first}.output}`, text: `\${stages.${first}.status}!` } } : {};
          return { id: `s${String(at)}`, agent: 'first', needs: ids, ...stage, ...input };
        }),
      ),
    }),
  )
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown);

interface Step {
  readonly now: number;
  readonly inputs: readonly RunInput[];
}

/** A worker pool, an orchestrator and some users in miniature: they do random things and check every change. */
class Simulation {
  readonly events: RunEvent[] = [];
  readonly script: Step[] = [];
  readonly accepted = new Map<string, JsonValue>();
  readonly #pipeline: CompiledPipeline;
  readonly #random: () => number;
  /** Every message ever dispatched, and those that nobody has answered yet. */
  readonly #history: TaskMessage[] = [];
  readonly #open = new Map<string, TaskMessage>();
  readonly #fences = new Map<string, number>();
  readonly #id = { last: 0 };
  #now = 1_000;
  state: RunState;
  retries = 0;

  constructor(pipeline: CompiledPipeline, seed: number) {
    this.#pipeline = pipeline;
    this.#random = seeded(seed);
    const created = create(pipeline, context(this.#now, this.#id));
    this.state = created.before;
    this.#check(created, []);
  }

  /** A step with faults. */
  chaos(): void {
    const roll = this.#random();
    if (roll < 0.45) this.#answerOne(true);
    else if (roll < 0.55) this.#apply(...this.#duplicates());
    else if (roll < 0.65) this.#fault();
    else if (roll < 0.75) this.#passTime(this.#random() * 3_000);
    else if (roll < 0.85) this.#report();
    else this.#user();
  }

  /** A step without faults: agents succeed, timers fire, questions are answered, what was stopped goes on. */
  calm(): void {
    if (this.state.status === 'paused') this.#apply({ type: 'resume', by: 'ann' });
    else if (this.state.status === 'suspended') this.#apply({ type: 'wake' });
    const [decision] = this.state.decisions.values();
    if (this.#open.size > 0) this.#answerOne(false);
    else if (decision) this.#apply({ type: 'answer', decision: decision.id, answer: 'accept', by: 'ann' });
    else this.#passTime(Math.max(0, (dueAt(this.state) ?? this.#now) - this.#now));
  }

  get final(): boolean {
    return FINAL_RUN_STATUSES.has(this.state.status);
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.#random() * items.length)];
  }

  #passTime(ms: number): void {
    this.#now += Math.ceil(ms);
    this.#apply({ type: 'tick' });
  }

  #answerOne(faulty: boolean): void {
    const message = this.#pick([...this.#open.values()]);
    if (message) this.#apply(this.#outcome(message, faulty));
  }

  #outcome(message: TaskMessage, faulty: boolean): RunInput {
    const checkpoint = this.#random() < 0.3 ? { checkpoint: { at: message.fence } } : {};
    const outcome = faulty ? this.#randomOutcome(message) : succeeded(message);
    return {
      type: 'outcome',
      task: message.task,
      fence: message.fence,
      worker: 'w',
      startedAt: this.#now,
      finishedAt: this.#now,
      outcome,
      ...checkpoint,
    };
  }

  #randomOutcome(message: TaskMessage): Outcome {
    const roll = this.#random();
    const error = { code: 'AGENT_FAILED', name: 'AgentError', message: 'no' } as const;
    if (roll < 0.45) return succeeded(message);
    if (roll < 0.55) return { status: 'succeeded', output: { ok: false, value: message.fence } };
    if (roll < 0.7) return { status: 'failed', error: { ...error, disposition: 'retryable' } };
    if (roll < 0.76) return { status: 'failed', error: { ...error, disposition: 'terminal' } };
    if (roll < 0.82) return { status: 'suspended' };
    if (roll < 0.86) return { status: 'cancelled' };
    const key = `q${String(Math.floor(this.#random() * 3))}`;
    return {
      status: 'asked',
      question: { key, question: '?', ...(roll < 0.93 ? { timeoutMs: 2_000, default: 1 } : { timeoutMs: 4_000 }) },
    };
  }

  /** Late or repeated outcomes, of any attempt. */
  #duplicates(): readonly RunInput[] {
    const message = this.#pick(this.#history);
    if (!message) return [];
    return this.#random() < 0.5 ? [this.#outcome(message, true)] : [this.#outcome(message, true), this.#outcome(message, false)];
  }

  #fault(): void {
    const message = this.#pick(this.#history);
    if (!message) return;
    const { task, fence } = message;
    const lost = { type: 'lost', task, fence, worker: 'w', reason: this.#random() < 0.5 ? 'died' : 'silent' } as const;
    this.#apply(this.#random() < 0.5 ? lost : { type: 'undelivered', task, fence });
  }

  #report(): void {
    const message = this.#pick(this.#history);
    if (!message) return;
    const events = this.#random() < 0.2 ? [{ name: 'e', at: this.#now }] : [];
    const progress = this.#random() < 0.5 ? { progress: { fraction: this.#random() } } : {};
    const checkpoint = this.#random() < 0.3 ? { checkpoint: this.#now } : {};
    this.#apply({
      type: 'report',
      task: message.task,
      fence: message.fence,
      worker: 'w',
      startedAt: this.#now,
      events,
      ...progress,
      ...checkpoint,
    });
  }

  #user(): void {
    const by = 'ann';
    const decision = this.#pick([...this.state.decisions.values()]);
    const dead = [...this.state.tasks.values()].find((task) => task.status === 'dead');
    const inputs: RunInput[] = [
      { type: 'pause', by },
      { type: 'resume', by },
      { type: 'suspend' },
      { type: 'wake' },
      { type: 'tick' },
      { type: 'start' },
    ];
    if (decision) inputs.push({ type: 'answer', decision: decision.id, answer: this.#pick(['accept', 'reject', 'retry', 7]) ?? null, by });
    if (this.#random() < 0.1) inputs.push({ type: 'cancel', by });
    if (this.final) inputs.push({ type: 'retry', by }, ...(dead ? [{ type: 'redrive', task: dead.stage, by, input: 1 } as const] : []));
    const input = this.#pick(inputs);
    if (input) this.#apply(input);
  }

  #apply(...inputs: readonly RunInput[]): void {
    this.script.push({ now: this.#now, inputs });
    const before = fingerprint(this.state);
    const change = transition(this.#pipeline, this.state, inputs, context(this.#now, this.#id));
    same(fingerprint(this.state), before, 'the state before is not altered');
    this.#check(change, inputs);
  }

  #check(change: Change, inputs: readonly RunInput[]): void {
    const { state, before } = change;
    same(change.verdicts.length, before.seq === 0 ? 1 : inputs.length, 'one verdict per input');
    change.events.forEach((event, i) => {
      same(event.seq, before.seq + i + 1, 'events are numbered without gaps');
    });
    same(state.seq, before.seq + change.events.length, 'the version is the number of the last event');
    const notable = change.events.some(({ type }) => NOTABLE_EVENTS.has(type));
    same(change.notable, notable, 'a change is notable where one of its events is');
    if (change.events.length === 0) same(state, before, 'no change without an event');
    if (change.verdicts.every((verdict) => !verdict.taken)) same(state, before, 'what is not taken changes nothing');
    this.#checkStale(before, inputs, change);
    this.#checkBookkeeping(change);
    this.#checkDispatches(before, inputs, change);
    this.#noteAccepted(change);
    this.#noteCommands(change);
    this.events.push(...change.events);
    this.state = state;
    this.#checkState();
  }

  /** A message about an attempt counts only for the present fence. */
  #checkStale(before: RunState, inputs: readonly RunInput[], change: Change): void {
    const [input] = inputs;
    if (inputs.length !== 1 || input === undefined || !('fence' in input)) return;
    const task = before.tasks.get(input.task);
    const live = task?.status === 'dispatched' || task?.status === 'running';
    if (!live || task.fence !== input.fence)
      same(JSON.stringify(change.verdicts), '[{"taken":false,"why":"stale"}]', 'an old fence is stale');
  }

  #checkBookkeeping({ before, state, touched, checkpoints, opened, closed }: Change): void {
    for (const [id, task] of state.tasks) {
      if (!touched.has(id)) same(task, before.tasks.get(id), 'written tasks are noted');
      if (!checkpoints.has(id)) same(task.checkpoint, before.tasks.get(id)?.checkpoint, 'written checkpoints are noted');
    }
    const ids = new Set([...before.decisions.keys(), ...opened.map((decision) => decision.id)]);
    for (const { id } of closed) same(ids.delete(id), true, 'only open decisions are closed');
    sameSet(state.decisions.keys(), ids, 'opened and closed decisions are noted');
  }

  /** Only what may begin is begun, and what is due is. */
  #checkDispatches(before: RunState, inputs: readonly RunInput[], { commands, state }: Change): void {
    const types = new Set(inputs.map((input) => input.type));
    const goesOn = types.has('resume') || types.has('wake') || types.has('retry') || types.has('redrive');
    const stopped =
      before.status === 'paused' || before.status === 'suspended' || (FINAL_RUN_STATUSES.has(before.status) && before.seq > 0);
    for (const command of commands) {
      if (command.type !== 'dispatch') continue;
      same(stopped && !goesOn, false, 'a stopped run begins nothing');
      for (const need of this.#pipeline.stage(command.message.task).needs) {
        same(['succeeded', 'skipped'].includes(state.tasks.get(need)?.status ?? ''), true, 'what a stage needs is done when it begins');
      }
    }
    if ((state.status !== 'running' && state.status !== 'waiting') || !(goesOn || types.has('tick'))) return;
    for (const task of state.tasks.values())
      same(task.status === 'ready' && task.dueAt <= this.#now && before.status !== state.status, false, 'what is due is begun');
  }

  #noteAccepted({ events, state }: Change): void {
    for (const event of events) {
      if (event.type === 'run.retried') this.retries++;
      if (event.type !== 'task.succeeded' || event.task === undefined) continue;
      same(this.accepted.has(event.task), false, 'a task succeeds at most once');
      const task = state.tasks.get(event.task);
      if (task?.status === 'succeeded') this.accepted.set(event.task, task.output);
    }
  }

  #noteCommands({ commands, state }: Change): void {
    for (const command of commands) {
      if (command.type !== 'dispatch') continue;
      const { task, fence } = command.message;
      same(fence > (this.#fences.get(task) ?? 0), true, 'fences grow');
      this.#fences.set(task, fence);
      this.#history.push(command.message);
      this.#open.set(task, command.message);
    }
    for (const [id, message] of this.#open) {
      const task = state.tasks.get(id);
      const live = task?.status === 'dispatched' || task?.status === 'running';
      if (!live || task.fence !== message.fence) this.#open.delete(id);
    }
  }

  #checkState(): void {
    const { state } = this;
    const live = [...state.tasks.values()].filter((task) => task.status === 'dispatched' || task.status === 'running');
    sameSet(
      this.#open.keys(),
      live.map((task) => task.stage),
      'one live dispatch per live task',
    );
    if (this.final) same(live.length + state.decisions.size, 0, 'nothing is left of an ended run');
    same(state.slot, !this.final && this.#pipeline.definition.concurrency !== undefined, 'a slot is held exactly while the run is active');
    const waiting = [...state.tasks.values()].flatMap((task) => (task.status === 'waiting' ? [task.decision] : []));
    sameSet(state.decisions.keys(), waiting, 'a decision is open exactly while a task waits on it');
    if (state.status === 'running') same(live.length > 0, true, 'a running run has live tasks');
    if (state.status === 'waiting') same(live.length, 0, 'a waiting run has no live tasks');
    for (const task of state.tasks.values()) {
      const { retry: policy } = this.#pipeline.stage(task.stage);
      same(task.failures <= policy.maxAttempts, true, 'failures are bounded');
      same(task.losses <= policy.maxLosses + 1, true, 'losses are bounded');
      same(task.attempt <= task.fence && task.attempt >= 0, true, 'attempts are counted');
    }
  }
}

/** `expect` is far too slow for a hundred thousand checks. */
function same(actual: unknown, expected: unknown, law: string): void {
  if (!Object.is(actual, expected)) throw new Error(`broken: ${law}; expected ${String(expected)}, got ${String(actual)}`);
}

function sameSet(actual: Iterable<string>, expected: Iterable<string>, law: string): void {
  same([...actual].toSorted().join(), [...expected].toSorted().join(), law);
}

function fingerprint(state: RunState): string {
  return JSON.stringify([state, [...state.tasks], [...state.decisions]]);
}

function succeeded(message: TaskMessage): Outcome {
  return { status: 'succeeded', output: { ok: true, value: message.fence } };
}

function context(now: number, id: { last: number }): TransitionContext {
  return {
    now,
    random: () => 0.5,
    newId: () => `id-${String(++id.last)}`,
    inputProblems: () => [],
    outputProblems: () => [],
    maxOutputBytes: 10_000,
  };
}

function create(pipeline: CompiledPipeline, ctx: TransitionContext): Change {
  const params = { id: 'r', tenant: 't', input: { yes: true, no: false }, correlationId: 'c', traceparent: 'tp', by: 'ann' };
  return newRun(pipeline, params, ctx).started;
}

function play(raw: unknown, seed: number, steps: number): Simulation {
  const simulation = new Simulation(compilePipeline(parseDefinition(raw), 1), seed);
  for (let i = 0; i < steps; i++) simulation.chaos();
  return simulation;
}

describe('transition, under random graphs, policies, orders and faults', () => {
  test('keeps its invariants at every step and ends every run once the faults stop', () => {
    const endings = new Map<string, number>();
    fc.assert(
      fc.property(definition, fc.integer(), fc.integer({ min: 0, max: 60 }), (raw, seed, steps) => {
        const simulation = play(raw, seed, steps);
        for (let i = 0; i < 300 && !simulation.final; i++) simulation.calm();
        same(simulation.final, true, 'the run ends');
        endings.set(simulation.state.status, (endings.get(simulation.state.status) ?? 0) + 1);
        if (simulation.state.status === 'succeeded') expectOutputOfAccepted(simulation);
        simulation.events.forEach((event, i) => {
          same(event.seq, i + 1, 'no event is missing');
        });
      }),
      { numRuns: 400, seed: 20_261_122 },
    );
    // The cases are worth something only if they end in all ways.
    expect([...endings.keys()].toSorted()).toEqual(['cancelled', 'failed', 'succeeded']);
    expect(Math.min(...endings.values())).toBeGreaterThan(5);
  });

  test('gives the same result for the same inputs', () => {
    fc.assert(
      fc.property(definition, fc.integer(), (raw, seed) => {
        const simulation = play(raw, seed, 40);
        const pipeline = compilePipeline(parseDefinition(raw), 1);
        const id = { last: 0 };
        let { state } = create(pipeline, context(1_000, id));
        for (const { now, inputs } of simulation.script) ({ state } = transition(pipeline, state, inputs, context(now, id)));
        same(fingerprint(state), fingerprint(simulation.state), 'replay');
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  test('gives the same whether inputs come one by one or in one batch', () => {
    fc.assert(
      fc.property(definition, fc.integer(), (raw, seed) => {
        const simulation = play(raw, seed, 30);
        const pipeline = compilePipeline(parseDefinition(raw), 1);
        const [single, batch] = [{ last: 0 }, { last: 0 }];
        let one = create(pipeline, context(1_000, single)).state;
        const start = create(pipeline, context(1_000, batch)).state;
        const inputs = simulation.script.flatMap((step) => step.inputs);
        for (const input of inputs) one = transition(pipeline, one, [input], context(9_000, single)).state;
        same(fingerprint(transition(pipeline, start, inputs, context(9_000, batch)).state), fingerprint(one), 'batching');
      }),
      { numRuns: 100, seed: 11 },
    );
  });
});

/** Without an output mapping, a run's output is that of its last stages: of skipped ones null, of others what was accepted. */
function expectOutputOfAccepted(simulation: Simulation): void {
  const output = simulation.state.output as Record<string, JsonValue>;
  for (const [stage, value] of Object.entries(output)) {
    expect(sameJson(value, simulation.accepted.get(stage) ?? null)).toBe(true);
    expect(simulation.accepted.has(stage) || simulation.state.tasks.get(stage)?.status === 'skipped').toBe(true);
  }
  expect(Object.keys(output).length).toBeGreaterThan(0);
}
