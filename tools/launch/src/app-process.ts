import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { APP_NODE_ARGS, logTail, openLog, restartDelayMs } from '@mainstay/services';

/** One of our apps as a child process. */
export interface AppSpec {
  readonly name: string;
  /** Path of its main file. */
  readonly main: string;
  readonly env: Readonly<Record<string, string>>;
  /** Its output goes here; default: to our terminal. */
  readonly logFile?: string;
}

/** An app that is kept running until it is stopped. */
export interface AppProcess {
  readonly name: string;
  /** Fulfilled with a message when the app died too often; never fulfilled otherwise. */
  readonly gaveUp: Promise<string>;
  /** Asks it to end and waits; SIGKILL after `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>;
  /** SIGKILL. */
  kill(): void;
}

/** Descriptor of the pipe whose end tells the child that we died. */
const PARENT_FD = 3;

/** Starts an app and restarts it when it dies: five times in a minute at most. */
export function startApp(spec: AppSpec, onRestart: (line: string) => void): AppProcess {
  const stopping = new AbortController();
  let present = run(spec);
  const keep = async (): Promise<string> => {
    const restarts: number[] = [];
    for (;;) {
      const ending = await present.ended;
      if (stopping.signal.aborted) return new Promise(() => undefined);
      const delayMs = restartDelayMs(restarts, performance.now());
      if (delayMs === undefined) return `The ${spec.name} ended too often (last: ${ending}).${tailOf(spec)}`;
      onRestart(`The ${spec.name} ended (${ending}); starting it again`);
      restarts.push(performance.now());
      await delay(delayMs, undefined, { signal: stopping.signal });
      present = run(spec);
    }
  };
  return {
    name: spec.name,
    gaveUp: keep().catch(() => new Promise<string>(() => undefined)),
    async stop(timeoutMs) {
      stopping.abort();
      present.child.kill('SIGTERM');
      const timer = setTimeout(() => present.child.kill('SIGKILL'), timeoutMs);
      await present.ended;
      clearTimeout(timer);
    },
    kill: () => {
      stopping.abort();
      present.child.kill('SIGKILL');
    },
  };
}

interface Running {
  readonly child: ChildProcess;
  /** Fulfilled with a description of the end. */
  readonly ended: Promise<string>;
}

/** In a process group of its own: a Ctrl-C in the terminal reaches us only, and we stop the apps in order. */
function run(spec: AppSpec): Running {
  const output = spec.logFile === undefined ? 'inherit' : openLog(spec.logFile);
  const child = spawn(process.execPath, [...APP_NODE_ARGS, spec.main], {
    detached: true,
    env: { ...spec.env, MAINSTAY_PARENT_FD: String(PARENT_FD) },
    stdio: ['ignore', output, output, 'pipe'],
  });
  if (typeof output === 'number') closeSync(output);
  child.stdio[PARENT_FD]?.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(signal === null ? `exit code ${String(code)}` : `signal ${signal}`);
    });
    child.once('error', (error) => {
      resolve(error.message);
    });
  });
  return { child, ended };
}

/** The last lines of the app's log, for a message. */
export function tailOf({ logFile }: Pick<AppSpec, 'logFile'>): string {
  return logFile === undefined ? '' : ` Its log (${logFile}) ends with:\n${logTail(logFile)}`;
}
