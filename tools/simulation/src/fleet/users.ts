import { FINAL_RUN_STATUSES, type UserInput } from '@mainstay/orchestrator/parts';
import type { Random } from '../core/random.ts';
import type { RunModel } from '../rules/run-model.ts';
import type { Fleet } from './fleet.ts';
import type { SimulatedOrchestrator } from './orchestrator.ts';
import { PIPELINES } from './pipelines.ts';

export const TENANT = 'simulated';
const CLIENT_TIMEOUT_MS = 3_000;
const LOOK_MS = 250;
/** How often people have one run tried again. */
const MAX_REOPENED = 2;

interface Order {
  readonly key: string;
  readonly pipeline: string;
  readonly input: { readonly n: number };
  readonly priority: number;
  run: string | undefined;
}

/** People and programs that submit runs, answer questions, and change their minds. They try again until they have an answer. */
export class Users {
  readonly orders: Order[] = [];
  /** From then on they only help runs to their end. */
  calm = false;
  readonly #fleet: Fleet;
  readonly #random: Random;
  readonly #orchestrators: () => readonly SimulatedOrchestrator[];
  readonly #reopened = new Map<string, number>();

  constructor(fleet: Fleet, orchestrators: () => readonly SimulatedOrchestrator[]) {
    this.#fleet = fleet;
    this.#random = fleet.random.fork('users');
    this.#orchestrators = orchestrators;
  }

  begin(runs: number, untilMs: number): void {
    for (let n = 0; n < runs; n++) {
      const pipeline = PIPELINES[this.#random.below(PIPELINES.length)]?.name ?? 'chain';
      const order: Order = { key: `order-${n}`, pipeline, input: { n }, priority: this.#random.below(3) - 1, run: undefined };
      this.orders.push(order);
      this.#fleet.scheduler.in(this.#random.between(0, untilMs * 0.8), 'order', () => {
        this.#submit(order);
      });
    }
    this.#look();
  }

  /** Each order is a run, and each run has ended. */
  get satisfied(): boolean {
    return this.orders.every(({ run }) => run !== undefined && isFinal(this.#fleet.oracle.runs.get(run)));
  }

  #submit(order: Order): void {
    if (order.run !== undefined) return;
    const { key, pipeline, input, priority } = order;
    const submission = {
      ...{ tenant: TENANT, pipeline, input, priority, by: 'simulated', correlationId: key },
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      idempotency: { key, hash: key },
    };
    this.#ask(
      (orchestrator) => orchestrator.engine.submit(submission),
      ({ id }) => {
        if (order.run !== undefined && order.run !== id) this.#fleet.onViolation('a key is one run', `${key} is ${order.run} and ${id}`);
        order.run = id;
      },
      () => {
        this.#submit(order);
      },
    );
  }

  /** Asks an orchestrator; an answer may not come. */
  #ask<T>(question: (orchestrator: SimulatedOrchestrator) => Promise<T>, onAnswer: (answer: T) => void, onNone?: () => void): void {
    const { scheduler } = this.#fleet;
    const ready = this.#orchestrators().filter((one) => one.ready && one.machine.alive);
    const chosen = ready[this.#random.below(ready.length)];
    let open = true;
    const none = (): void => {
      if (open && onNone !== undefined) scheduler.in(this.#random.between(100, 600), 'again', onNone);
      open = false;
    };
    if (chosen === undefined) {
      none();
      return;
    }
    scheduler.in(CLIENT_TIMEOUT_MS, 'client timeout', none);
    chosen.machine.deliver(() => {
      question(chosen).then((answer) => {
        scheduler.in(0.5, 'answer', () => {
          onAnswer(answer);
          open = false;
        });
      }, none);
    });
  }

  #look(): void {
    this.#fleet.scheduler.in(LOOK_MS, 'users', () => {
      for (const run of this.#fleet.oracle.runs.values()) this.#consider(run);
      this.#look();
    });
  }

  #consider(run: RunModel): void {
    const random = this.#random;
    if (isFinal(run)) {
      this.#reopen(run);
      return;
    }
    for (const decision of run.decisions.values())
      if (this.calm || random.chance(0.2)) this.#act(run, { type: 'answer', decision, answer: this.#answerFor(run, decision), by: 'ann' });
    if (run.status === 'paused') {
      if (this.calm || random.chance(0.2)) this.#act(run, { type: 'resume', by: 'ann' });
    } else if (!this.calm && random.chance(0.006)) this.#act(run, { type: 'cancel', by: 'ann' });
    else if (!this.calm && random.chance(0.01)) this.#act(run, { type: 'pause', by: 'ann' });
  }

  #answerFor(run: RunModel, decision: string): string {
    const stage = [...run.decisions].find(([, id]) => id === decision)?.[0];
    return stage === 'b' ? this.#random.pick(['accept', 'accept', 'retry', 'reject']) : this.#random.pick(['yes', 'no']);
  }

  #reopen(run: RunModel): void {
    const times = this.#reopened.get(run.id) ?? 0;
    if (this.calm || run.status === 'succeeded' || times >= MAX_REOPENED || !this.#random.chance(0.1)) return;
    this.#reopened.set(run.id, times + 1);
    const dead = [...run.tasks].find(([, { phase }]) => phase === 'dead')?.[0];
    const redrives = dead !== undefined && this.#random.chance(0.5);
    this.#act(run, redrives ? { type: 'redrive', task: dead, by: 'ann' } : { type: 'retry', by: 'ann' });
  }

  #act({ id }: RunModel, input: UserInput): void {
    this.#ask(
      ({ engine }) => engine.act(TENANT, id, input),
      () => undefined,
    );
  }
}

export function isFinal(run: RunModel | undefined): boolean {
  return run !== undefined && run.status !== 'none' && FINAL_RUN_STATUSES.has(run.status);
}
