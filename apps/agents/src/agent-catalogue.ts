import type { BaseAgent } from '@mainstay/agent';
import { ConfigurationError } from '@mainstay/types';
import { EchoContext } from './kinds/echo-context.ts';
import { Fail } from './kinds/fail.ts';
import { Ask } from './kinds/fault/ask.ts';
import { Call } from './kinds/fault/call.ts';
import { Crash } from './kinds/fault/crash.ts';
import { Garbage } from './kinds/fault/garbage.ts';
import { Hang } from './kinds/fault/hang.ts';
import { Hog } from './kinds/fault/hog.ts';
import { Noop } from './kinds/noop.ts';
import { Sleep } from './kinds/sleep.ts';
import { reviewAgents, type ReviewOptions } from './review/index.ts';

/** Agents that a worker offers unless it is told otherwise. */
export function defaultAgents(options: ReviewOptions): readonly BaseAgent[] {
  return [new Noop(), new Sleep(), new Fail(), new EchoContext(), ...reviewAgents(options)];
}

/** Agents that harm their worker or only serve tests; offered when MAINSTAY_WORKER_KINDS names them. */
export function faultAgents(): readonly BaseAgent[] {
  return [new Crash(), new Hang(), new Hog(), new Garbage(), new Ask(), new Call()];
}

/**
 * The agents of the named kinds; without names the default ones.
 * @throws ConfigurationError `CONFIG_INVALID` that lists the names that do not exist and those that do.
 */
export function selectAgents(kinds: readonly string[] | undefined, options: ReviewOptions): readonly BaseAgent[] {
  if (kinds === undefined || kinds.length === 0) return defaultAgents(options);
  const all = new Map([...defaultAgents(options), ...faultAgents()].map((agent) => [agent.kind, agent]));
  const unknown = kinds.filter((kind) => !all.has(kind));
  if (unknown.length > 0) {
    const problem = `names kinds that do not exist: ${unknown.join(', ')}. There are ${[...all.keys()].join(', ')}`;
    throw new ConfigurationError('CONFIG_INVALID', `MAINSTAY_WORKER_KINDS ${problem}`, {
      details: { issues: [{ variable: 'MAINSTAY_WORKER_KINDS', problem }] },
    });
  }
  return [...new Set(kinds)].flatMap((kind) => all.get(kind) ?? []);
}
