import { spawn } from 'node:child_process';
import { serverEnvironment } from './server-process.ts';

/** A step of an installation. */
export interface StepOptions {
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default 5 minutes. */
  readonly timeoutMs?: number;
}

/** Result of {@link runStep}; `ok` is false also when the program does not exist. */
export interface StepResult {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs a program to its end without a terminal. Its output is bounded to the last million characters. */
export function runStep(file: string, args: readonly string[], options: StepOptions = {}): Promise<StepResult> {
  return new Promise((resolve) => {
    const child = spawn(file, [...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: serverEnvironment(process.env, { LC_ALL: 'C', ...options.env }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-1_000_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 300_000);
    const finish = (result: StepResult): void => {
      clearTimeout(timer);
      resolve(result);
    };
    child.once('error', (error) => {
      finish({ ok: false, output: error.message });
    });
    child.once('close', (code) => {
      finish({ ok: code === 0, output });
    });
  });
}
