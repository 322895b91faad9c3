import { createInterface } from 'node:readline/promises';
import { CancelledError, ValidationError } from '@mainstay/types';
import { parseAnswer } from '../commands/values.ts';
import type { Io } from '../io.ts';
import { countdown } from '../render/durations.ts';
import { type Cell, cell, paintLine } from '../render/line.ts';
import type { OpenDecision } from '../render/run-model.ts';
import { answerText } from '../render/run-screen.ts';
import { clean } from '../render/text.ts';
import type { Prompt } from './decision-desk.ts';

/** Asks at the terminal until the answer fits. Ctrl-C calls `interrupt`. */
export function terminalPrompt(io: Io, color: boolean, interrupt: () => void): Prompt {
  return async (decision, signal) => {
    const closed = new AbortController();
    const either = AbortSignal.any([signal, closed.signal]);
    const readline = createInterface({ input: io.stdin, output: io.stdout, terminal: true });
    readline.on('SIGINT', interrupt);
    readline.on('close', () => closed.abort());
    try {
      io.stdout.write(`${paintLine([cell(`? ${clean(decision.stage)}: `, 'warn'), cell(clean(decision.question), 'strong')], color)}\n`);
      for (;;) {
        const text = await readline.question(`${paintLine(invitation(decision), color)} `, { signal: either });
        try {
          return readAnswer(decision, text);
        } catch (error) {
          io.stdout.write(`  ${error instanceof Error ? error.message : String(error)}\n`);
        }
      }
    } catch (error) {
      if (closed.signal.aborted && !signal.aborted)
        throw new CancelledError('CANCELLED', 'the input of the terminal ended', { cause: error });
      throw error;
    } finally {
      if (signal.aborted) io.stdout.write('\n  no answer is needed any more\n');
      readline.close();
    }
  };
}

function invitation({ options, default: fallback, expiresAt }: OpenDecision): Cell[] {
  return [
    cell(`  ${options === undefined ? 'answer' : options.map(answerText).join(' / ')}`, 'accent'),
    ...(fallback === undefined ? [] : [cell(` [${answerText(fallback.value)}]`)]),
    ...(expiresAt === undefined ? [] : [cell(` (${countdown(expiresAt - Date.now())} left)`, 'dim')]),
    cell(' ›'),
  ];
}

/** What was typed as an answer: an option, by its beginning where that is clear; nothing means the default. */
export function readAnswer({ options, default: fallback }: Pick<OpenDecision, 'options' | 'default'>, typed: string): unknown {
  const text = typed.trim();
  if (text === '' && fallback !== undefined) return fallback.value;
  if (text === '') throw new ValidationError('VALIDATION_FAILED', 'Type an answer');
  if (options === undefined) return parseAnswer(text);
  const exact = options.filter((option) => answerText(option) === text);
  const close = exact.length > 0 ? exact : options.filter((option) => answerText(option).toLowerCase().startsWith(text.toLowerCase()));
  const [first] = close;
  if (close.length === 1) return first;
  throw new ValidationError('VALIDATION_FAILED', `Type one of: ${options.map(answerText).join(', ')}`);
}
