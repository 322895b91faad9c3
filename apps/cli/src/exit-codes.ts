import { MainstayError } from '@mainstay/types';
import { RemoteError } from './client/remote-error.ts';

/** Exit codes that scripts can use. */
export const EXIT = {
  succeeded: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  denied: 4,
  notFound: 5,
  conflict: 6,
  cancelled: 7,
  timeout: 8,
  bug: 70,
  detached: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each exit code says, for the help. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  succeeded: 'success; a watched run succeeded',
  failed: 'the run failed; an invariant does not hold; settings are unsafe',
  usage: 'usage or input is invalid',
  unreachable: 'the server cannot be reached, or does not answer as it should',
  denied: 'not authenticated, or not allowed',
  notFound: 'there is no such run, pipeline, decision or dead letter',
  conflict: 'the state does not allow this, or somebody was faster',
  cancelled: 'the run was cancelled',
  timeout: 'the time given by --timeout is over; the run goes on',
  bug: 'this program has a bug',
  detached: 'interrupted; a watched run goes on',
};

/** The exit code for the end of a run; undefined while it has none. */
export function exitOfRun(status: string): ExitCode | undefined {
  switch (status) {
    case 'succeeded':
      return EXIT.succeeded;
    case 'failed':
      return EXIT.failed;
    case 'cancelled':
      return EXIT.cancelled;
    default:
      return undefined;
  }
}

/** The exit code for an error that ended a command. */
export function exitOfError(error: unknown): ExitCode {
  if (error instanceof RemoteError) return exitOfStatus(error.problem.status);
  if (!(error instanceof MainstayError)) return EXIT.bug;
  if (error.code === 'DEADLINE_EXCEEDED') return EXIT.timeout;
  switch (error.category) {
    case 'validation':
    case 'configuration':
    case 'pipeline':
      return EXIT.usage;
    case 'network':
    case 'timeout':
    case 'dependency':
    case 'overload':
      return EXIT.unreachable;
    case 'authentication':
    case 'authorization':
      return EXIT.denied;
    case 'not-found':
      return EXIT.notFound;
    case 'conflict':
      return EXIT.conflict;
    case 'cancelled':
      return EXIT.detached;
    case 'agent':
    case 'internal':
      return EXIT.bug;
  }
}

function exitOfStatus(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.denied;
  if (status === 404) return EXIT.notFound;
  if (status === 409) return EXIT.conflict;
  if (status === 408 || status === 429 || status >= 500) return EXIT.unreachable;
  return EXIT.usage;
}
