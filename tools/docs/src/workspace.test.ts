import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { join } from 'node:path';
import { type Command, commandsIn } from './commands.ts';
import type { Sample } from './lint-texts.ts';
import { codeOf } from './markdown.ts';
import { type Projects, readProjects } from './project-graph.ts';
import { markdownFiles, ROOT, textOf } from './repository.ts';
import { runNode } from './run-program.ts';

jest.setTimeout(300_000);

let projects: Projects;
beforeAll(async () => {
  projects = await readProjects();
});

const found = markdownFiles().flatMap((file) =>
  codeOf(textOf(file)).flatMap((code) => commandsIn(code).map((command) => ({ file, command }))),
);

function ofKind<K extends Command['kind']>(kind: K): { file: string; command: Extract<Command, { kind: K }> }[] {
  return found.flatMap(({ file, command }) => (isOf(command, kind) ? [{ file, command }] : []));
}

function isOf<K extends Command['kind']>(command: Command, kind: K): command is Extract<Command, { kind: K }> {
  return command.kind === kind;
}

describe('commands in the documents', () => {
  test('npm scripts are there', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const used = ofKind('script');
    expect(used.filter(({ command }) => !(command.script in scripts))).toEqual([]);
    expect(used.length).toBeGreaterThan(3);
  });

  test('Nx targets are there', () => {
    const used = ofKind('target');
    expect(used.filter(({ command: { project, target } }) => projects.get(project)?.has(target) !== true)).toEqual([]);
    expect(used.length).toBeGreaterThan(1);
    const all = new Set([...projects.values()].flatMap((targets) => [...targets]));
    expect(
      ofKind('targets')
        .flatMap(({ command }) => command.targets)
        .filter((target) => !all.has(target)),
    ).toEqual([]);
  });

  test('commands and options of the command line are in its help', async () => {
    const used = ofKind('mainstay');
    expect(used.length).toBeGreaterThan(3);
    const general = await help();
    const unknown = used.filter(({ command: { command } }) => !new RegExp(`^ +${command}\\b`, 'm').test(general));
    expect(unknown).toEqual([]);
    for (const command of new Set(used.map(({ command }) => command.command))) {
      const text = `${general}\n${await help(command)}`;
      const options = used.filter((one) => one.command.command === command).flatMap((one) => one.command.options);
      expect({ command, unknown: options.filter((option) => !text.includes(option)) }).toEqual({ command, unknown: [] });
    }
  });
});

async function help(...command: string[]): Promise<string> {
  const { code, stdout, stderr } = await runNode([join(ROOT, 'apps/cli/bin/mainstay.mjs'), ...command, '--help'], {
    cwd: ROOT,
    timeoutMs: 60_000,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

describe('layers', () => {
  // Against the layers by its tag, or because the imported package uses the importing one already.
  const forbidden: readonly (Sample & { readonly says: string })[] = [
    { file: 'packages/shared/types/src/index.ts', text: "export * from '@mainstay/utils';\n", says: 'Circular' },
    { file: 'packages/shared/utils/src/index.ts', text: "export { PARTITIONS } from '@mainstay/transport';\n", says: 'Circular' },
    { file: 'packages/shared/utils/src/index.ts', text: "export { loadConfig } from '@mainstay/config';\n", says: '"layer:utils"' },
    {
      file: 'packages/shared/config/src/index.ts',
      text: "export { createLogger } from '@mainstay/observability';\n",
      says: '"layer:base"',
    },
    { file: 'packages/agent/src/index.ts', text: "export { acquireServices } from '@mainstay/services';\n", says: '"layer:kit"' },
    { file: 'apps/orchestrator/src/compose.ts', text: "export { defaultAgents } from '@mainstay/agents';\n", says: '"layer:app"' },
  ];
  const allowed: readonly Sample[] = [
    { file: 'packages/shared/utils/src/index.ts', text: "export { uuidv7 } from '@mainstay/types';\n" },
    {
      file: 'packages/agent/src/index.ts',
      text: "export { retry } from '@mainstay/utils';\nexport { PARTITIONS } from '@mainstay/transport';\n",
    },
    { file: 'apps/orchestrator/src/compose.ts', text: "export { loadConfig } from '@mainstay/config';\n" },
  ];

  test('an import against them is caught by lint, one along them is not', async () => {
    const samples = [...forbidden, ...allowed].map(({ file, text }) => ({ file, text }));
    const program = join(ROOT, 'tools/docs/src/lint-texts.ts');
    const { code, stdout, stderr } = await runNode(['--disable-warning=ExperimentalWarning', program], {
      cwd: ROOT,
      stdin: JSON.stringify(samples),
      timeoutMs: 240_000,
      env: { NX_DAEMON: 'false' },
    });
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const said = JSON.parse(stdout) as string[][];
    for (const [index, { file, says }] of forbidden.entries()) {
      expect({ file, said: said[index] }).toEqual({ file, said: [expect.stringContaining('@nx/enforce-module-boundaries')] });
      expect(said[index]?.[0]).toContain(says);
    }
    expect(said.slice(forbidden.length)).toEqual(allowed.map(() => []));
  });
});
