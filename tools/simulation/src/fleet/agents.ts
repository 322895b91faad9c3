import { BaseAgent, type TaskContext } from '@mainstay/agent';
import { AgentError, type JsonValue, NetworkError } from '@mainstay/types';
import { z } from 'zod';
import type { Machine } from '../core/machine.ts';
import type { Random } from '../core/random.ts';
import { outputOf } from './work.ts';

/** What agents are told of the simulation. */
export interface AgentHost {
  readonly machine: Machine;
  readonly random: Random;
  readonly began: (ctx: TaskContext, input: JsonValue) => void;
  readonly ended: (ctx: TaskContext) => void;
  /** Waits without a timer of the process: what an agent leaves behind is not the worker's. */
  readonly hang: (ms: number) => Promise<void>;
  /** Kills the worker's process. */
  readonly die: () => void;
}

const ANY = z.unknown();

abstract class SimulatedAgent extends BaseAgent {
  readonly input = ANY;
  readonly output = ANY;
  protected readonly host: AgentHost;

  constructor(host: AgentHost) {
    super();
    this.host = host;
  }

  async run(input: unknown, ctx: TaskContext): Promise<unknown> {
    const value = input as JsonValue;
    this.host.began(ctx, value);
    try {
      const answers = await this.work(value, ctx);
      return outputOf(this.kind, value, answers);
    } finally {
      this.host.ended(ctx);
    }
  }

  /** Does the work; returns the answers that it asked for. */
  protected abstract work(input: JsonValue, ctx: TaskContext): Promise<readonly { key: string; answer: JsonValue }[]>;

  protected sleep(from: number, to: number, signal: AbortSignal): Promise<void> {
    return this.host.machine.clock.sleep(this.host.random.between(from, to), signal);
  }
}

/** Answers soon. */
class Quick extends SimulatedAgent {
  readonly kind = 'quick';
  protected async work(_input: JsonValue, ctx: TaskContext): Promise<[]> {
    await this.sleep(0, 30, ctx.signal);
    return [];
  }
}

/** Takes a while and tells of it. */
class Slow extends SimulatedAgent {
  readonly kind = 'slow';
  override readonly concurrency = 2;
  protected async work(_input: JsonValue, ctx: TaskContext): Promise<[]> {
    for (const fraction of [0.3, 0.6, 0.9]) {
      await this.sleep(100, 700, ctx.signal);
      await ctx.progress(fraction);
      if (fraction === 0.6) await ctx.emit({ name: 'half', data: { fraction } });
    }
    return [];
  }
}

const STEPS = 6;

/** Works in steps, keeps a checkpoint after each, and hands itself back when its worker drains. */
class Steps extends SimulatedAgent {
  readonly kind = 'steps';
  protected async work(_input: JsonValue, ctx: TaskContext): Promise<[]> {
    const restored = ctx.restored;
    let step = typeof restored === 'number' ? restored : 0;
    while (step < STEPS) {
      await this.sleep(50, 500, ctx.signal);
      step++;
      if (ctx.draining.aborted) ctx.suspend(step);
      await ctx.checkpoint(step);
    }
    return [];
  }
}

/** Fails now and then. */
class Flaky extends SimulatedAgent {
  readonly kind = 'flaky';
  protected async work(input: JsonValue, ctx: TaskContext): Promise<[]> {
    await this.sleep(0, 100, ctx.signal);
    if (isFlagged(input, 'rejected')) throw new AgentError('AGENT_REJECTED', 'This input is refused for good');
    if (this.host.random.chance(0.5)) throw new NetworkError('not this time');
    return [];
  }
}

/** Asks, and goes on with the answer. */
class Asker extends SimulatedAgent {
  readonly kind = 'asker';
  protected async work(_input: JsonValue, ctx: TaskContext): Promise<{ key: string; answer: JsonValue }[]> {
    await this.sleep(0, 50, ctx.signal);
    const answer = await ctx.ask('go on?', { key: 'go' });
    return [{ key: 'go', answer }];
  }
}

/** Kills its worker. */
class Poison extends SimulatedAgent {
  readonly kind = 'poison';
  protected async work(input: JsonValue, ctx: TaskContext): Promise<[]> {
    await this.sleep(5, 60, ctx.signal);
    if (isFlagged(input, 'poison')) this.host.die();
    return [];
  }
}

/** Does not listen to its signal, and hangs at times. */
class Stubborn extends SimulatedAgent {
  readonly kind = 'stubborn';
  protected async work(): Promise<[]> {
    await this.host.hang(this.host.random.between(10, this.host.random.chance(0.3) ? 6_000 : 100));
    return [];
  }
}

export function agentsOf(host: AgentHost): readonly BaseAgent[] {
  return [Quick, Slow, Steps, Flaky, Asker, Poison, Stubborn].map((Agent) => new Agent(host));
}

function isFlagged(input: JsonValue, name: string): boolean {
  return typeof input === 'object' && input !== null && Object.entries(input).some(([key, value]) => key === name && value === true);
}
