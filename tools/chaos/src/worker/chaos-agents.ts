import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { AgentError } from '@mainstay/types';
import { BaseAgent, type TaskContext } from '@mainstay/agent';
import { z } from 'zod';
import { evenNow, type StepSign, stepLine } from '../steps/step-lines.ts';

/** Notes a sign of the step. Written before the call returns, so that a killed process leaves no doubt. */
function note(file: string, sign: StepSign, { run, task }: TaskContext): void {
  appendFileSync(file, stepLine({ sign, at: evenNow(), pid: process.pid, run, task }));
}

const stepInput = z.object({ ms: z.number(), parts: z.number().int().min(1).default(1), failures: z.number().int().default(0) });
const done = z.object({ done: z.string() });
const checkpoint = z.object({ part: z.number() });

/** Waits in parts, with a checkpoint after each; fails the first `failures` attempts; has one effect. */
export class ChaosStep extends BaseAgent {
  readonly kind = 'chaos-step';
  readonly input = stepInput;
  readonly output = done;
  readonly #log: string;

  constructor(log: string) {
    super();
    this.#log = log;
  }

  async run({ ms, parts, failures }: z.infer<typeof stepInput>, ctx: TaskContext): Promise<z.infer<typeof done>> {
    note(this.#log, 'b', ctx);
    let sign: StepSign = 'x';
    try {
      await this.#work({ ms, parts, failures }, ctx);
      note(this.#log, 'e', ctx);
      sign = 'd';
    } finally {
      note(this.#log, sign, ctx);
    }
    return { done: ctx.task };
  }

  async #work({ ms, parts, failures }: z.infer<typeof stepInput>, ctx: TaskContext): Promise<void> {
    for (let part = checkpoint.safeParse(ctx.restored).data?.part ?? 0; part < parts; part++) {
      await delay(ms / parts, undefined, { signal: ctx.signal });
      if (part + 1 < parts) await ctx.checkpoint({ part: part + 1 });
    }
    if (ctx.attempt <= failures) throw new AgentError('AGENT_FAILED', `attempt ${String(ctx.attempt)} fails, as it was asked to`);
  }
}

const askInput = z.object({ timeoutMs: z.number() });
const answer = z.object({ answer: z.string() });

/** Asks, and takes the default answer after a while. */
export class ChaosAsk extends BaseAgent {
  readonly kind = 'chaos-ask';
  readonly input = askInput;
  readonly output = answer;

  async run({ timeoutMs }: z.infer<typeof askInput>, ctx: TaskContext): Promise<z.infer<typeof answer>> {
    return { answer: JSON.stringify(await ctx.ask('Go on?', { timeoutMs, default: 'yes' })) };
  }
}

const poisonInput = z.object({ how: z.enum(['crash', 'hang', 'allocate', 'garbage']), times: z.number().int(), ms: z.number().default(0) });

/** Harms its worker in the first `times` dispatches. */
export class ChaosPoison extends BaseAgent {
  readonly kind = 'chaos-poison';
  readonly input = poisonInput;
  readonly output = done;
  readonly #log: string;

  constructor(log: string) {
    super();
    this.#log = log;
  }

  run({ how, times, ms }: z.infer<typeof poisonInput>, ctx: TaskContext): Promise<z.infer<typeof done>> {
    note(this.#log, 'b', ctx);
    if (ctx.fence <= times) {
      if (how === 'garbage') {
        note(this.#log, 'x', ctx);
        return Promise.resolve({ rubbish: true } as unknown as z.infer<typeof done>);
      }
      if (how === 'crash') process.kill(process.pid, 'SIGKILL');
      if (how === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      if (how === 'allocate') allocate();
    }
    note(this.#log, 'd', ctx);
    return Promise.resolve({ done: ctx.task });
  }
}

/** Until the heap's limit ends the process. */
function allocate(): never {
  const pieces: number[][] = [];
  for (;;) pieces.push(Array.from({ length: 262_144 }, (_, index) => index + 0.5));
}
