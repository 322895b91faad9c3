import { agentsEnv, describeVariables } from '@mainstay/config';
import { PROGRAM_USAGE } from '@mainstay/lifecycle';
import { defaultAgents, faultAgents } from './agent-catalogue.ts';

/** What `--help` prints: the kinds, the environment variables with their defaults, and the exit codes. */
export function usage(): string {
  const kinds = (agents: readonly { readonly kind: string }[]) => agents.map(({ kind }) => kind).join(', ');
  return [
    'A worker of Mainstay: takes tasks from Redis and runs the built-in agents.',
    '',
    'Usage: agents [--help] [--version]',
    '',
    `Kinds offered by default: ${kinds(defaultAgents({ reportsDir: '.' }))}.`,
    `Kinds for tests of faults, offered only when MAINSTAY_WORKER_KINDS names them: ${kinds(faultAgents())}.`,
    '',
    'Environment:',
    describeVariables(agentsEnv),
    '',
    PROGRAM_USAGE,
  ].join('\n');
}
