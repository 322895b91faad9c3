import { setTimeout as delay } from 'node:timers/promises';
import { BaseAgent, type TaskContext } from '@mainstay/agent';
import { z } from 'zod';
import { logStep } from '../driver/log-step.ts';
import { type StepOutput, stepOutput } from '../step-output.ts';

const output = z.object({ step: z.number(), ok: z.boolean(), text: z.string() });
const input = z.object({ step: z.number(), bytes: z.number(), previous: z.array(output).optional() });

/** Does nothing and returns that many bytes. */
export class BenchStep extends BaseAgent {
  readonly kind = 'bench-step';
  readonly input = input;
  readonly output = output;

  run({ step, bytes }: z.infer<typeof input>): Promise<StepOutput> {
    return Promise.resolve(stepOutput(step, bytes));
  }
}

const sleepInput = input.extend({ ms: z.number() });

/** Waits, and notes beside the platform that it was done. */
export class BenchSleep extends BaseAgent {
  readonly kind = 'bench-sleep';
  readonly input = sleepInput;
  readonly output = output;
  readonly #stepLog: string;

  constructor(stepLog: string) {
    super();
    this.#stepLog = stepLog;
  }

  async run({ step, bytes, ms }: z.infer<typeof sleepInput>, ctx: TaskContext): Promise<StepOutput> {
    await delay(ms, undefined, { signal: ctx.signal });
    logStep(this.#stepLog, ctx.run, ctx.task);
    return stepOutput(step, bytes);
  }
}

const emitInput = z.object({ events: z.number(), bytes: z.number() });
const emitted = z.object({ events: z.number() });

/** Emits that many events of that many bytes each. */
export class BenchEmit extends BaseAgent {
  readonly kind = 'bench-emit';
  readonly input = emitInput;
  readonly output = emitted;

  async run({ events, bytes }: z.infer<typeof emitInput>, ctx: TaskContext): Promise<z.infer<typeof emitted>> {
    for (let number = 1; number <= events; number++) await ctx.emit({ name: 'bench', data: { ...stepOutput(number, bytes) } });
    return { events };
  }
}
