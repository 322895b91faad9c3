import { type ProgramVariable, programVariables } from '@mainstay/config';

/** The tables of docs/CONFIGURATION.md: every variable of every program, by group. Internal ones are left out. */
export function configurationTables(): string {
  return [...Map.groupBy(programVariables(), ({ group }) => group)].map(([group, variables]) => table(group, variables)).join('\n');
}

function needOf({ fallback, optional }: ProgramVariable): string {
  if (fallback !== undefined) return fallback === '' ? 'empty' : `\`${fallback}\``;
  return optional ? 'not set' : '**required**';
}

function table(group: string, variables: readonly ProgramVariable[]): string {
  const lines = variables.map((variable) => {
    const { name, programs, secret, description } = variable;
    return `| \`${name}\`${secret ? ' (secret)' : ''} | ${needOf(variable)} | ${programs.join(', ')} | ${description.replaceAll('|', '\\|')} |`;
  });
  return [`### ${group}`, '', '| variable | default | read by | |', '| --- | --- | --- | --- |', ...lines, ''].join('\n');
}
