import { z } from 'zod';
import { agentsEnv, cliEnv, GROUPS, orchestratorEnv } from './schemas.ts';

/** Programs and their schemas, in the order in which the example file names them. */
const PROGRAMS = [
  ['orchestrator', orchestratorEnv],
  ['agents', agentsEnv],
  ['cli', cliEnv],
] as const;

const LINE_LENGTH = 110;

/** One variable as the example file shows it. */
interface Variable {
  readonly name: string;
  readonly programs: string[];
  readonly group: string;
  readonly description: string;
  readonly secret: boolean;
  readonly optional: boolean;
  /** Text of the default, when there is one. */
  readonly fallback: string | undefined;
  /** Value that stands in the example file, where it is not the default. */
  readonly example: string | undefined;
}

/**
 * The text of `.env.production.example`: every variable of every program, grouped and described. Required ones stand
 * empty, optional ones and those with a usable default are commented out, secrets have no value.
 */
export function renderEnvExample(): string {
  const variables = collect();
  const sections = GROUPS.map((group) => renderGroup(group, variables)).filter((section) => section !== '');
  const head = [
    '# Example of a production environment. Generated from the schemas of @mainstay/config; do not edit by hand:',
    '#   node packages/shared/config/bin/write-env-example.mjs',
    '# Lines that are commented out show the default.',
  ];
  return `${head.join('\n')}\n\n${sections.join('\n')}`;
}

function collect(): readonly Variable[] {
  const variables = new Map<string, Variable>();
  for (const [program, schema] of PROGRAMS) {
    for (const [name, type] of Object.entries<z.ZodType>(schema.shape)) {
      const meta: Readonly<Record<string, unknown>> = type.meta() ?? {};
      if (meta['internal'] === true) continue;
      const known = variables.get(name);
      if (known === undefined) variables.set(name, toVariable(name, program, type, meta));
      else known.programs.push(program);
    }
  }
  return [...variables.values()];
}

function toVariable(name: string, program: string, type: z.ZodType, meta: Readonly<Record<string, unknown>>): Variable {
  return {
    name,
    programs: [program],
    group: String(meta['group']),
    description: String(meta['description']),
    secret: meta['secret'] === true,
    optional: type instanceof z.ZodOptional,
    fallback: type instanceof z.ZodPrefault ? String(type.def.defaultValue) : undefined,
    example: typeof meta['example'] === 'string' ? meta['example'] : undefined,
  };
}

function renderGroup(group: string, variables: readonly Variable[]): string {
  const members = variables.filter((variable) => variable.group === group);
  return members.length === 0 ? '' : [`# ---- ${group} ----`, '', ...members.map(renderVariable)].join('\n');
}

function renderVariable(variable: Variable): string {
  const { name, programs, description, secret, optional, fallback, example } = variable;
  const need = fallback !== undefined ? `default ${fallback === '' ? 'empty' : fallback}` : optional ? 'optional' : 'required';
  const comment = wrap(`${description} (${programs.join(', ')}; ${need})`);
  const value = secret ? '' : (example ?? fallback ?? '');
  const active = example !== undefined || (fallback === undefined && !optional);
  return `${comment.map((line) => `# ${line}`).join('\n')}\n${active ? '' : '# '}${name}=${value}\n`;
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= LINE_LENGTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
