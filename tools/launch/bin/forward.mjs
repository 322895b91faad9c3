/** Runs the real program as a child and behaves as if it were it. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Spawns the command, hands signals on, and gives the exit code that we should end with. */
export function runForwarding(file, args, options = {}) {
  const child = spawn(file, args, { stdio: 'inherit', ...options });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => hand(child, signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** Ctrl-C in a terminal reaches the child as well as us: handing it on would make it two, and two mean "now". */
function hand(child, signal) {
  if (signal === 'SIGINT' && process.stdin.isTTY) return;
  child.kill(signal);
}
