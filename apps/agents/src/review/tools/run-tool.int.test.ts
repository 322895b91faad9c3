import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, jest, test } from '@jest/globals';
import { sampleFolder } from '../testing/sample-folder.ts';
import { runTool, type ToolCall } from './run-tool.ts';

/** Real processes on a machine that may be busy. */
jest.setTimeout(60_000);

const call = (code: string, more: Partial<ToolCall> = {}): ToolCall => ({
  name: 'sample',
  command: process.execPath,
  args: ['-e', code],
  cwd: '/',
  timeoutMs: 30_000,
  maxRssBytes: 512 * 1024 ** 2,
  maxStdoutBytes: 100_000,
  signal: new AbortController().signal,
  ...more,
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !holds(); waited += 20) {
    if (waited > 20_000) throw new Error(`never: ${what}`);
    await sleep(20);
  }
}

/** A tool that has a child of its own; both write their ids and wait for ever. */
const family = (file: string): string => `
  const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  require('fs').writeFileSync(${JSON.stringify(file)} + '.tmp', process.pid + ' ' + child.pid);
  require('fs').renameSync(${JSON.stringify(file)} + '.tmp', ${JSON.stringify(file)});
  setInterval(() => {}, 1000);`;

const pidsIn = (file: string): number[] => readFileSync(file, 'utf8').split(' ').map(Number);

describe('runTool', () => {
  test('gives output, errors and the exit code', async () => {
    const result = await runTool(call("console.log('out'); console.error('err'); process.exitCode = 3", { okExitCodes: [3] }));
    expect(result).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n', partial: false });
  });

  test('hands on no variable of the worker but its search paths, and what the call adds', async () => {
    process.env['SAMPLE_SECRET'] = 'x';
    try {
      const { stdout } = await runTool(call('console.log(JSON.stringify(process.env))', { env: { ADDED: 'yes' } }));
      expect(JSON.parse(stdout)).toEqual(expect.objectContaining({ ADDED: 'yes', PATH: process.env['PATH'] }));
      expect(stdout).not.toContain('SAMPLE_SECRET');
    } finally {
      delete process.env['SAMPLE_SECRET'];
    }
  });

  test('a failing tool is a retryable AGENT_FAILED with the end of its errors', async () => {
    await expect(runTool(call("console.error('broken pipe dream'); process.exit(2)"))).rejects.toMatchObject({
      code: 'AGENT_FAILED',
      disposition: 'retryable',
      message: 'sample failed (exit code 2)',
      details: { stderr: 'broken pipe dream\n' },
    });
  });

  test('a tool ended by a signal is a retryable AGENT_FAILED', async () => {
    await expect(runTool(call("process.kill(process.pid, 'SIGSEGV')"))).rejects.toMatchObject({
      code: 'AGENT_FAILED',
      disposition: 'retryable',
      message: 'sample failed (ended by SIGSEGV)',
    });
  });

  test('a program that is not there is a terminal failure that asks whether it is installed', async () => {
    await expect(runTool(call('', { command: '/nowhere/tool' }))).rejects.toMatchObject({
      code: 'AGENT_FAILED',
      disposition: 'terminal',
      message: expect.stringMatching(/installed/),
    });
  });

  test('ends a tool that writes too much', async () => {
    await expect(runTool(call("for (;;) require('fs').writeSync(1, 'x'.repeat(1000))"))).rejects.toMatchObject({
      code: 'AGENT_OUTPUT_TOO_LARGE',
    });
  });

  test('ends a tool that uses too much memory', async () => {
    const hungry = 'const all = []; setInterval(() => { all.push(Buffer.alloc(20e6, 1)); }, 10)';
    await expect(runTool(call(hungry, { maxRssBytes: 200 * 1024 ** 2 }))).rejects.toMatchObject({ code: 'WORKER_OUT_OF_MEMORY' });
  });

  test('a tool that is too slow is ended together with its children', async () => {
    await using folder = await sampleFolder();
    const file = join(folder.path, 'pids');
    await expect(runTool(call(family(file), { timeoutMs: 3000 }))).rejects.toMatchObject({
      code: 'AGENT_FAILED',
      message: expect.stringMatching(/within 3000 ms/),
    });
    const pids = pidsIn(file);
    await until(() => !pids.some(isAlive), 'tool and child are gone');
    expect(pids).toHaveLength(2);
  });

  test('an abort ends the tool with its children and rejects with the reason', async () => {
    await using folder = await sampleFolder();
    const file = join(folder.path, 'pids');
    const abort = new AbortController();
    const running = runTool(call(family(file), { signal: abort.signal }));
    await until(() => existsSync(file), 'the tool runs');
    const pids = pidsIn(file);
    abort.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await until(() => !pids.some(isAlive), 'tool and child are gone');
    expect(pids).toHaveLength(2);
  });

  test('an aborted signal starts nothing', async () => {
    await expect(runTool(call('', { signal: AbortSignal.abort(new Error('before')) }))).rejects.toThrow('before');
  });

  test('the tool and its children die when the worker is killed', async () => {
    await using folder = await sampleFolder();
    const file = join(folder.path, 'pids');
    const script = join(folder.path, 'worker.mjs');
    const source = fileURLToPath(new URL('./run-tool.ts', import.meta.url));
    await writeFile(
      script,
      `import { runTool } from ${JSON.stringify(source)};
       await runTool({ name: 'sample', command: process.execPath, args: ['-e', ${JSON.stringify(family(file))}], cwd: '/',
         timeoutMs: 60000, maxRssBytes: 1e9, maxStdoutBytes: 1000, signal: new AbortController().signal });`,
    );
    const worker = spawn(process.execPath, [script], { stdio: 'ignore' });
    try {
      await until(() => existsSync(file), 'the tool runs');
    } finally {
      worker.kill('SIGKILL');
    }
    const pids = pidsIn(file);
    await until(() => !pids.some(isAlive), 'tool and child are gone');
    expect(pids).toHaveLength(2);
  });

  test('a caller that has enough of the output ends the tool without an error', async () => {
    let bytes = 0;
    const { partial } = await runTool(
      call("for (;;) require('fs').writeSync(1, 'x'.repeat(1000))", {
        onStdout: (chunk) => {
          bytes += chunk.length;
          return bytes < 50_000;
        },
      }),
    );
    expect(partial).toBe(true);
    expect(bytes).toBeGreaterThanOrEqual(50_000);
  });
});
