import type { Command } from 'commander';
import { HttpClient } from './client/http-client.ts';
import { MainstayClient } from './client/mainstay-client.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';
import { type Line, paintLine } from './render/line.ts';
import { type GlobalOptions, readSettings, type Settings } from './settings.ts';

/** What a command works with. */
export class Session {
  readonly io: Io;
  readonly settings: Settings;
  #client: MainstayClient | undefined;

  constructor(io: Io, command: Command) {
    this.io = io;
    this.settings = readSettings(io, command.optsWithGlobals<GlobalOptions>());
  }

  get client(): MainstayClient {
    this.#client ??= new MainstayClient(new HttpClient({ url: this.settings.url, key: this.settings.key() }));
    return this.#client;
  }

  get signal(): AbortSignal {
    return this.io.signal;
  }

  write(text: string): void {
    this.io.stdout.write(`${text}\n`);
  }

  writeLine(line: Line): void {
    this.write(paintLine(line, this.settings.color));
  }

  writeJson(value: unknown): void {
    this.write(JSON.stringify(value, null, 2));
  }

  /** What helps but is not the result: not with --quiet and not with --json. */
  hint(text: string): void {
    if (!this.settings.quiet && !this.settings.json) this.write(text);
  }
}

/** How a command ends. Nothing returned: with success. */
export type Outcome = ExitCode | undefined;
