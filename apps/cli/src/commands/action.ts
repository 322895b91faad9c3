import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { type Outcome, Session } from '../session.ts';

/**
 * Makes commander's action of a function over a session, the command's arguments and its options, which commander has
 * parsed as the command declares them.
 */
export type Action = (work: (session: Session, ...parameters: never[]) => Promise<Outcome>) => (...given: unknown[]) => Promise<void>;

/** `onExit` learns the exit code of the command that ran. */
export function actions(io: Io, onExit: (code: ExitCode) => void): Action {
  return (work) =>
    async (...given) => {
      // commander gives the arguments, then the options, then the command
      const command = given.at(-1) as Command;
      const parameters = given.slice(0, -1) as never[];
      onExit((await work(new Session(io, command), ...parameters)) ?? EXIT.succeeded);
    };
}
