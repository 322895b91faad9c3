import { z } from 'zod';
import { BaseAgent, type TaskContext } from '@mainstay/agent';
import { AgentError } from '@mainstay/types';
import { sleep } from '@mainstay/utils';

const anything = z.json();

/** Returns its input. */
export class Noop extends BaseAgent {
  readonly kind = 'noop';
  readonly input = anything;
  readonly output = anything;
  run(input: unknown): Promise<unknown> {
    return Promise.resolve(input);
  }
}

/** Refuses inputs with `{"ok": false}` for good, and accepts only objects. */
export class Picky extends BaseAgent<{ ok: boolean }> {
  readonly kind = 'picky';
  override readonly description = 'Refuses what is not ok';
  readonly input = z.object({ ok: z.boolean() });
  readonly output = z.object({ ok: z.boolean() });
  run({ ok }: { ok: boolean }): Promise<unknown> {
    if (ok) return Promise.resolve({ ok });
    return Promise.reject(new AgentError('AGENT_REJECTED', 'It is not ok', { details: { ok } }));
  }
}

/** Returns what its schema does not allow. */
export class Liar extends BaseAgent {
  readonly kind = 'liar';
  readonly input = anything;
  readonly output = z.object({ n: z.number() });
  run(): Promise<unknown> {
    return Promise.resolve({ n: 'one' });
  }
}

/** Returns as many bytes as it is told. */
export class Bulky extends BaseAgent<{ bytes: number }> {
  readonly kind = 'bulky';
  readonly input = z.object({ bytes: z.int() });
  readonly output = z.string();
  run({ bytes }: { bytes: number }): Promise<unknown> {
    return Promise.resolve('x'.repeat(bytes));
  }
}

/** Asks a person which colour, and returns it. */
export class Asker extends BaseAgent {
  readonly kind = 'asker';
  readonly input = anything;
  readonly output = anything;
  async run(_input: unknown, ctx: TaskContext): Promise<unknown> {
    return await ctx.ask('Which colour?', { options: ['red', 'green'] });
  }
}

/** Runs until it is told to stop. */
export class Endless extends BaseAgent {
  readonly kind = 'endless';
  readonly input = anything;
  readonly output = anything;
  run(_input: unknown, { signal }: TaskContext): Promise<unknown> {
    const { promise, reject } = Promise.withResolvers<unknown>();
    signal.addEventListener('abort', () => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('stopped'));
    });
    return promise;
  }
}

/** Waits as long as it is told. */
export class Sleep extends BaseAgent<{ ms: number }> {
  readonly kind = 'sleep';
  readonly input = z.object({ ms: z.int() });
  readonly output = anything;
  async run({ ms }: { ms: number }, { signal }: TaskContext): Promise<unknown> {
    await sleep(ms, { signal });
    return { ms };
  }
}

/** Fails as many attempts as it is told. */
export class Fail extends BaseAgent<{ times: number }> {
  readonly kind = 'fail';
  readonly input = z.object({ times: z.int() });
  readonly output = anything;
  run({ times }: { times: number }, { attempt }: TaskContext): Promise<unknown> {
    if (attempt > times) return Promise.resolve({ attempt });
    return Promise.reject(new AgentError('AGENT_FAILED', `Attempt ${String(attempt)} of ${String(times)} fails`));
  }
}

export const testAgents = (): readonly BaseAgent[] => [
  new Noop(),
  new Picky(),
  new Liar(),
  new Bulky(),
  new Asker(),
  new Endless(),
  new Sleep(),
  new Fail(),
];
