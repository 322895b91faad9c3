import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { APP_NODE_ARGS, compileCache, TEST_DATA } from '@mainstay/services';

/** `leaky-worker`: one whose agent tells secrets; `traced-worker`: one with spans of its own; `sdk-worker`: one with an SDK of its own. */
export type App = 'orchestrator' | 'agents' | 'leaky-worker' | 'traced-worker' | 'sdk-worker';

const MAIN: Readonly<Record<App, string>> = {
  orchestrator: fileURLToPath(new URL('../../../apps/orchestrator/src/main.ts', import.meta.url)),
  agents: fileURLToPath(new URL('../../../apps/agents/src/main.ts', import.meta.url)),
  'leaky-worker': fileURLToPath(new URL('../../../apps/agents/src/testing/leaky-worker.ts', import.meta.url)),
  'sdk-worker': fileURLToPath(new URL('./testing/sdk-worker.ts', import.meta.url)),
  'traced-worker': fileURLToPath(new URL('./testing/traced-worker.ts', import.meta.url)),
};

/** Longest tail of output that is kept for messages. */
const TAIL = 20_000;
/** Longest tail of output that is kept for tests that read the log. */
const LOG_TAIL = 4_000_000;

/** One process of the system under test; it is killed when the process that started it exits. */
export class AppProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;
  #output = '';

  constructor(app: App, env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [...APP_NODE_ARGS, MAIN[app]], {
      env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'test', LOG_LEVEL: 'info', ...compileCache(process.env, TEST_DATA), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-LOG_TAIL);
    };
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
    const killChild = (): void => {
      this.#child.kill('SIGKILL');
    };
    process.once('exit', killChild);
    this.#ended = once(this.#child, 'exit').then(([code]) => {
      process.off('exit', killChild);
      return typeof code === 'number' ? code : -1;
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** The last lines that it wrote. */
  get output(): string {
    return this.#output.slice(-TAIL);
  }

  /** All that it wrote, of late: four million characters. */
  get log(): string {
    return this.#output;
  }

  /** Fulfilled with the exit code when the process has ended; -1 when a signal ended it. */
  get ended(): Promise<number> {
    return this.#ended;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends the signal and resolves with the exit code (-1 when a signal ended it). */
  async end(signal: NodeJS.Signals): Promise<number> {
    if (this.running) this.#child.kill(signal);
    return this.#ended;
  }

  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }
}
