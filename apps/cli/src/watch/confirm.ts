import { createInterface } from 'node:readline/promises';
import { CancelledError } from '@mainstay/types';
import type { Io } from '../io.ts';

/** Asks at the terminal; rejects with CANCELLED unless the answer is yes. */
export async function confirm(io: Io, question: string): Promise<void> {
  const readline = createInterface({ input: io.stdin, output: io.stdout, terminal: true });
  const closed = new AbortController();
  readline.on('SIGINT', () => readline.close());
  readline.on('close', () => closed.abort());
  try {
    const answer = await readline.question(`${question} [y/N] `, { signal: AbortSignal.any([io.signal, closed.signal]) });
    if (/^y(?:es)?$/i.test(answer.trim())) return;
  } catch (error) {
    throw new CancelledError('CANCELLED', 'nothing was removed', { cause: error });
  } finally {
    readline.close();
  }
  throw new CancelledError('CANCELLED', 'nothing was removed');
}
