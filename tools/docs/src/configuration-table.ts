import { agentsEnv, cliEnv, orchestratorEnv } from '@mainstay/config';
import { z } from 'zod';

const PROGRAMS = [
  ['orchestrator', orchestratorEnv],
  ['agents', agentsEnv],
  ['cli', cliEnv],
] as const;

interface Row {
  readonly name: string;
  readonly group: string;
  readonly need: string;
  readonly description: string;
  readonly secret: boolean;
  readonly programs: string[];
}

/** The tables of docs/CONFIGURATION.md: every variable of every program, by group. Internal ones are left out. */
export function configurationTables(): string {
  const rows = collect();
  const groups = [...new Set(rows.map(({ group }) => group))];
  return groups
    .map((group) =>
      table(
        group,
        rows.filter((row) => row.group === group),
      ),
    )
    .join('\n');
}

function collect(): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const [program, schema] of PROGRAMS) {
    for (const [name, type] of Object.entries<z.ZodType>(schema.shape)) {
      const meta: Readonly<Record<string, unknown>> = type.meta() ?? {};
      if (meta['internal'] === true) continue;
      const known = rows.get(name);
      if (known === undefined) rows.set(name, rowOf(name, program, type, meta));
      else known.programs.push(program);
    }
  }
  return [...rows.values()];
}

function rowOf(name: string, program: string, type: z.ZodType, meta: Readonly<Record<string, unknown>>): Row {
  return {
    name,
    programs: [program],
    group: String(meta['group']),
    description: String(meta['description']),
    secret: meta['secret'] === true,
    need: needOf(type),
  };
}

function needOf(type: z.ZodType): string {
  if (type instanceof z.ZodPrefault) return type.def.defaultValue === '' ? 'empty' : `\`${String(type.def.defaultValue)}\``;
  return type instanceof z.ZodOptional ? 'not set' : '**required**';
}

function table(group: string, rows: readonly Row[]): string {
  const lines = rows.map(
    ({ name, need, programs, secret, description }) =>
      `| \`${name}\`${secret ? ' (secret)' : ''} | ${need} | ${programs.join(', ')} | ${description.replaceAll('|', '\\|')} |`,
  );
  return [`### ${group}`, '', '| variable | default | read by | |', '| --- | --- | --- | --- |', ...lines, ''].join('\n');
}
