/** A command of this repository that a document tells the reader to type. */
export type Command =
  | { readonly kind: 'script'; readonly script: string }
  | { readonly kind: 'target'; readonly project: string; readonly target: string }
  | { readonly kind: 'targets'; readonly targets: readonly string[] }
  | { readonly kind: 'mainstay'; readonly command: string; readonly options: readonly string[] };

/** The commands in a piece of code. Placeholders such as `<project>` are not commands. */
export function commandsIn(code: string): Command[] {
  return code.split('\n').flatMap((line) => [...scripts(line), ...targets(line), ...mainstay(line)]);
}

function scripts(line: string): Command[] {
  const named = [...line.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script = '']) => script);
  const short = [...line.matchAll(/\bnpm (start|test)\b/g)].map(([, script = '']) => script);
  return [...named, ...short].map((script) => ({ kind: 'script', script }));
}

function targets(line: string): Command[] {
  const one = [...line.matchAll(/\bnx run ([\w-]+):([\w-]+)/g)].map(([, project = '', target = '']): Command => ({
    kind: 'target',
    project,
    target,
  }));
  const many = [...line.matchAll(/\bnx (?:run-many|affected) -t ((?:[\w-]+ ?)+)/g)].map(([, names = '']): Command => ({
    kind: 'targets',
    targets: names
      .trim()
      .split(' ')
      .filter((name) => !name.startsWith('-')),
  }));
  return [...one, ...many];
}

function mainstay(line: string): Command[] {
  return [...line.matchAll(/\b(?:npx )?mainstay ([a-z][\w-]*)([^|&;#]*)/g)]
    .filter(([all]) => all.startsWith('npx '))
    .map(([, command = '', rest = '']) => ({ kind: 'mainstay', command, options: rest.match(/(?<=\s)--[\w-]+/g) ?? [] }));
}
