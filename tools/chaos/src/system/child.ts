import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface ChildOptions {
  readonly name: string;
  readonly kind: 'orchestrator' | 'worker';
  readonly args: readonly string[];
  /** The complete environment but for PATH and HOME. */
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** Descriptor of a pipe whose end tells a process that we are gone. */
export const PARENT_FD = 3;
const RESTART_AFTER_MS = 100;

/** One process of the system under test, started again whenever it dies, as a supervisor would. */
export class Child {
  readonly name: string;
  readonly kind: ChildOptions['kind'];
  readonly #options: ChildOptions;
  #process: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #closing = false;
  /** How often it was started. */
  starts = 0;

  constructor(options: ChildOptions) {
    this.name = options.name;
    this.kind = options.kind;
    this.#options = options;
  }

  get pid(): number {
    return this.#process?.pid ?? -1;
  }

  get running(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  start(): void {
    this.starts += 1;
    const { args, env, logFile } = this.#options;
    const log = openSync(logFile, 'a');
    const child = spawn(process.execPath, [...args], {
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
      stdio: ['ignore', log, log, 'pipe'],
    });
    closeSync(log);
    child.stdio[PARENT_FD]?.on('error', () => undefined);
    this.#process = child;
    this.#ended = new Promise((resolve) => {
      child.once('exit', () => {
        resolve();
        if (!this.#closing) void this.#again();
      });
    });
  }

  signal(signal: NodeJS.Signals): void {
    if (this.running) this.#process?.kill(signal);
  }

  /** Ends the present process; another one takes its place. Resolves when it has ended, and tells how. */
  async replace(signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
    const ended = this.#ended;
    this.signal(signal);
    await Promise.race([ended, delay(timeoutMs, undefined, { ref: false })]);
  }

  /** Ends it for good; `undefined` when it had to be killed, else its exit code. */
  async close(signal: NodeJS.Signals, timeoutMs: number): Promise<number | undefined> {
    this.#closing = true;
    this.signal('SIGCONT');
    this.signal(signal);
    const late = setTimeout(() => this.signal('SIGKILL'), timeoutMs);
    await this.#ended;
    clearTimeout(late);
    return this.#process?.exitCode ?? undefined;
  }

  async #again(): Promise<void> {
    await delay(RESTART_AFTER_MS);
    if (!this.#closing) this.start();
  }
}
