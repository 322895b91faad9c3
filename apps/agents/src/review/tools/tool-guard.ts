/**
 * Stands between the worker and one tool. Runs as the leader of its own process group and ends the whole group when
 * the worker is gone (stdin closes, which also happens on SIGKILL) or when the tool's memory exceeds its limit.
 *
 * Arguments: limit of resident memory in bytes, working folder, command, the command's arguments. The verdict goes to
 * file descriptor 3 as one line of JSON; stdout and stderr belong to the tool.
 */
import { execFile, spawn } from 'node:child_process';
import { readFileSync, writeSync } from 'node:fs';

const VERDICT = 3;
const SAMPLE_MS = 200;
const [limit = '0', cwd = '.', command = '', ...args] = process.argv.slice(2);
const maxRssBytes = Number(limit);

function verdict(value: Readonly<Record<string, string | number | null>>): void {
  try {
    writeSync(VERDICT, `${JSON.stringify(value)}\n`);
  } catch {
    // nobody listens any more: the group ends anyway
  }
}

/** The guard leads the group: the signal ends the tool, its children and the guard. */
function endGroup(): void {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    process.exit(137);
  }
}

const tool = spawn(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
tool.once('error', (error: NodeJS.ErrnoException) => {
  verdict({ type: 'unstartable', code: error.code ?? 'UNKNOWN' });
  process.exit(127);
});
tool.once('exit', (code, signal) => {
  verdict({ type: 'exit', code, signal });
  process.exit(0);
});

function check(rssBytes: number): void {
  if (rssBytes <= maxRssBytes) return;
  verdict({ type: 'memory', rssBytes });
  endGroup();
}

function sample(pid: number): void {
  if (process.platform === 'linux') {
    try {
      check(Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1] ?? 0) * 1024);
    } catch {
      // the tool has just ended
    }
    return;
  }
  execFile('ps', ['-o', 'rss=', '-p', String(pid)], (error, stdout) => {
    if (error === null) check(Number(stdout.trim()) * 1024);
  });
}

if (tool.pid !== undefined) {
  const { pid } = tool;
  setInterval(sample, SAMPLE_MS, pid);
}
process.stdin.on('end', endGroup).on('error', endGroup).resume();
