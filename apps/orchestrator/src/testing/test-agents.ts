import { BaseAgent, type TaskContext } from '@mainstay/agent';
import { NetworkError } from '@mainstay/types';
import { z } from 'zod';

/** Returns its input. */
export class Noop extends BaseAgent {
  readonly kind = 'noop';
  readonly input = z.json();
  readonly output = z.json();
  run(input: z.infer<typeof this.input>): Promise<z.infer<typeof this.output>> {
    return Promise.resolve(input);
  }
}

/** Fails the given number of attempts. */
export class Flaky extends BaseAgent {
  readonly kind = 'flaky';
  readonly input = z.object({ times: z.number() });
  readonly output = z.object({ attempt: z.number() });
  run({ times }: z.infer<typeof this.input>, ctx: TaskContext): Promise<{ attempt: number }> {
    if (ctx.attempt <= times) return Promise.reject(new NetworkError('not yet'));
    return Promise.resolve({ attempt: ctx.attempt });
  }
}

/** Waits until it is let go; counts how often each run began. */
export class Gate extends BaseAgent {
  readonly kind = 'gate';
  readonly input = z.json();
  readonly output = z.object({ done: z.literal(true) });
  readonly began: string[] = [];
  #waiting = new Set<() => void>();
  #open = false;

  async run(_input: z.infer<typeof this.input>, ctx: TaskContext): Promise<{ done: true }> {
    this.began.push(ctx.run);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const go = (): void => resolve(undefined);
    this.#waiting.add(go);
    ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason as Error), { once: true });
    if (this.#open) go();
    await promise;
    return { done: true };
  }

  open(): void {
    this.#open = true;
    for (const go of this.#waiting) go();
  }
}

/** Asks a question and returns the answer. */
export class Asker extends BaseAgent {
  readonly kind = 'asker';
  readonly input = z.object({ question: z.string() });
  readonly output = z.object({ answer: z.json() });
  async run({ question }: z.infer<typeof this.input>, ctx: TaskContext): Promise<{ answer: z.infer<ReturnType<typeof z.json>> }> {
    return { answer: (await ctx.ask(question)) as z.infer<ReturnType<typeof z.json>> };
  }
}
