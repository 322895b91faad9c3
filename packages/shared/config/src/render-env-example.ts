import { type ProgramVariable, programVariables } from './program-variables.ts';
import { GROUPS } from './schemas.ts';

const LINE_LENGTH = 110;

/**
 * The text of `.env.production.example`: every variable of every program, grouped and described. Required ones stand
 * empty, optional ones and those with a usable default are commented out, secrets have no value.
 */
export function renderEnvExample(): string {
  const variables = programVariables();
  const sections = GROUPS.map((group) => renderGroup(group, variables)).filter((section) => section !== '');
  const head = [
    '# Example of a production environment. Generated from the schemas of @mainstay/config; do not edit by hand:',
    '#   node packages/shared/config/bin/write-env-example.mjs',
    '# Lines that are commented out show the default.',
  ];
  return `${head.join('\n')}\n\n${sections.join('\n')}`;
}

function renderGroup(group: string, variables: readonly ProgramVariable[]): string {
  const members = variables.filter((variable) => variable.group === group);
  return members.length === 0 ? '' : [`# ---- ${group} ----`, '', ...members.map(renderVariable)].join('\n');
}

function renderVariable(variable: ProgramVariable): string {
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
