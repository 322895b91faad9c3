import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const module = (name: string): string => JSON.stringify(new URL(`../bin/${name}.mjs`, import.meta.url).href);
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mainstay-bootstrap-'));
  await mkdir(join(dir, 'packages', 'one'), { recursive: true });
  await mkdir(join(dir, 'node_modules', '.bin'), { recursive: true });
  await writeFile(join(dir, 'node_modules', '.bin', 'node'), '');
  await writeFile(join(dir, 'package.json'), JSON.stringify({ workspaces: ['packages/*', 'missing/*'] }));
  await writeFile(join(dir, 'packages', 'one', 'package.json'), '{}');
  await writeFile(join(dir, 'package-lock.json'), '{}');
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Runs a little program with our plain modules, and gives what it printed. */
async function run(program: string): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  return output.trim();
}

const installed = (): Promise<string> =>
  run(`import { isInstalled } from ${module('dependencies')}; console.log(isInstalled(${JSON.stringify(dir)}))`);

describe('the bootstrap', () => {
  test('installs again when the lock file or the manifest of any project has changed', async () => {
    expect(await installed()).toBe('false');
    await run(`import { markInstalled } from ${module('dependencies')}; markInstalled(${JSON.stringify(dir)})`);
    expect(await installed()).toBe('true');
    await writeFile(join(dir, 'packages', 'one', 'package.json'), '{"version":"2"}');
    expect(await installed()).toBe('false');
  }, 30_000);

  test('of many processes only one at a time has the lock, also when holders are killed', async () => {
    const base = join(dir, 'locks', 'install.lock');
    const log = join(dir, 'log');
    const program = (end: string): string => `import { takeLock } from ${module('lock')}; import { appendFileSync } from 'node:fs';
      const release = await takeLock(${JSON.stringify(base)}, { pollMs: 5 });
      appendFileSync(${JSON.stringify(log)}, 'in '); await new Promise((resolve) => setTimeout(resolve, 20)); appendFileSync(${JSON.stringify(log)}, 'out ');
      ${end}`;
    await Promise.all(
      ['release()', "process.kill(process.pid, 'SIGKILL')", 'release()', "process.kill(process.pid, 'SIGKILL')", 'release()'].map((end) =>
        run(program(end)),
      ),
    );
    expect((await readFile(log, 'utf8')).trim()).toBe(Array.from({ length: 5 }, () => 'in out').join(' '));
  }, 30_000);

  test('the exit code of the real program is ours', async () => {
    const code = await run(
      `import { runForwarding } from ${module('forward')}; console.log(await runForwarding(process.execPath, ['-e', 'process.exit(7)']))`,
    );
    expect(code).toBe('7');
  }, 30_000);
});
