import { CommanderError } from 'commander';
import { EXIT, type ExitCode, exitOfError } from './exit-codes.ts';
import type { Io } from './io.ts';
import { createProgram } from './program.ts';
import { errorDocument, errorLines } from './render/error-report.ts';
import { paintLine } from './render/line.ts';

/** Runs one command line. Never rejects: what goes wrong is written to the error output and told by the exit code. */
export async function runCli(io: Io): Promise<ExitCode> {
  let exit: ExitCode = EXIT.succeeded;
  const program = createProgram(io, (code) => (exit = code));
  try {
    await program.parseAsync(io.argv, { from: 'user' });
    return exit;
  } catch (error) {
    // commander has written its message already
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.succeeded : EXIT.usage;
    const code = io.signal.aborted ? EXIT.detached : exitOfError(error);
    if (!io.signal.aborted) report(io, error, code);
    return code;
  }
}

function report(io: Io, error: unknown, code: ExitCode): void {
  if (io.argv.includes('--json')) {
    io.stderr.write(`${JSON.stringify(errorDocument(error, code))}\n`);
    return;
  }
  const color = io.stderr.isTTY === true && !io.argv.includes('--no-color') && !io.env?.['NO_COLOR'];
  for (const line of errorLines(error)) io.stderr.write(`${paintLine(line, color)}\n`);
}
