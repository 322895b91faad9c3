import { CancelledError } from '@mainstay/types';
import type { NewRun } from '../client/mainstay-client.ts';
import type { RunView } from '../client/views.ts';
import { EXIT, exitOfRun } from '../exit-codes.ts';
import type { Outcome, Session } from '../session.ts';
import { failureLines } from '../render/error-report.ts';
import type { Answering } from '../watch/decision-desk.ts';
import type { Display } from '../watch/display.ts';
import { eventLinesDisplay } from '../watch/event-lines-display.ts';
import { LiveDisplay } from '../watch/live-display.ts';
import { PlainDisplay } from '../watch/plain-display.ts';
import { terminalPrompt } from '../watch/prompt.ts';
import { watchRun } from '../watch/watch-run.ts';

export interface FollowChoices {
  readonly timeout?: number;
  readonly detach?: true;
  readonly yes?: true;
}

/** Starts a run and stays with it to its end, unless told to detach. */
export async function startAndWatch(
  session: Session,
  run: NewRun,
  choices: FollowChoices & { readonly idempotencyKey?: string | undefined },
  onEnd: (run: RunView) => void,
): Promise<Outcome> {
  const created = await session.client.createRun(run, { idempotencyKey: choices.idempotencyKey, signal: session.signal });
  if (choices.detach === true) {
    if (session.settings.json) session.writeJson(created);
    else session.write(session.settings.quiet ? created.id : `run ${created.id} is ${created.status}`);
    session.hint(`Watch it with: mainstay watch ${created.id}`);
    return EXIT.succeeded;
  }
  return await follow(session, created.id, { ...choices, ask: true, jsonLines: false }, onEnd);
}

export interface Following extends FollowChoices {
  /** Asks the run's questions at an interactive terminal. */
  readonly ask: boolean;
  /** With --json: one line per event, then the run. */
  readonly jsonLines: boolean;
}

/** Shows a run until it ends; the exit code is that of its end. */
export async function follow(session: Session, id: string, following: Following, onEnd: (run: RunView) => void): Promise<Outcome> {
  const { settings } = session;
  const interrupted = new AbortController();
  const detach = () => interrupted.abort(new CancelledError('CANCELLED', 'interrupted'));
  const signal = AbortSignal.any([session.signal, interrupted.signal]);
  let run: RunView;
  try {
    run = await watchRun({
      client: session.client,
      run: id,
      display: displayFor(session, following),
      signal,
      timeoutMs: following.timeout,
      answering: answeringFor(session, following, detach),
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    session.hint(`\nDetached; run ${id} goes on. Watch it with: mainstay watch ${id}`);
    return EXIT.detached;
  }
  if (settings.json && following.jsonLines) session.write(JSON.stringify({ type: 'run', run }));
  else if (settings.json) session.writeJson(run);
  else if (run.status === 'succeeded') onEnd(run);
  else for (const line of failureLines(run)) session.writeLine(line);
  return exitOfRun(run.status);
}

function displayFor(session: Session, { jsonLines }: Following): Display {
  const { settings, io } = session;
  if (settings.json) return eventLinesDisplay(jsonLines ? (event) => session.write(JSON.stringify(event)) : undefined);
  if (settings.quiet) return eventLinesDisplay();
  return settings.live ? new LiveDisplay(io.stdout, settings.color) : new PlainDisplay((text) => session.write(text));
}

function answeringFor(session: Session, { ask, yes }: Following, interrupt: () => void): Answering {
  if (yes === true) return { by: 'default' };
  const { settings, io } = session;
  const person = ask && settings.live && io.stdin.isTTY === true;
  return person ? { by: 'person', prompt: terminalPrompt(io, settings.color, interrupt) } : { by: 'nobody' };
}
