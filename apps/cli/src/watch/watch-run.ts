import { TimeoutError } from '@mainstay/types';
import { systemClock } from '@mainstay/utils';
import type { MainstayClient } from '../client/mainstay-client.ts';
import type { RunView } from '../client/views.ts';
import { exitOfRun } from '../exit-codes.ts';
import { countdown } from '../render/durations.ts';
import { reduceEvent } from '../render/reduce-event.ts';
import { modelOf, type RunModel } from '../render/run-model.ts';
import { AgentWatch } from './agent-watch.ts';
import { type Answering, DecisionDesk } from './decision-desk.ts';
import type { Display } from './display.ts';

/** Wait before an ended stream of a run that goes on is opened again. */
const AGAIN_MS = 500;

export interface WatchOptions {
  readonly client: MainstayClient;
  readonly run: string;
  readonly display: Display;
  /** Ends the watching, not the run. */
  readonly signal: AbortSignal;
  /** Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds without the server after which it gives up. Default 300,000. */
  readonly giveUpMs?: number | undefined;
  /** Who answers the run's questions. Default: somebody else. */
  readonly answering?: Answering | undefined;
}

/**
 * Shows a run until it has ended, and gives it as it is then. Rejects with DEADLINE_EXCEEDED when the time is over, with
 * the signal's reason, or as `followRun` does.
 */
export async function watchRun(options: WatchOptions): Promise<RunView> {
  const { client, run, display, timeoutMs } = options;
  const late = new AbortController();
  const done = new AbortController();
  using _timer = timeoutMs === undefined ? undefined : systemClock.setTimeout(() => late.abort(timeIsOver(run, timeoutMs)), timeoutMs);
  const signal = AbortSignal.any([options.signal, late.signal]);
  const background = AbortSignal.any([signal, done.signal]);
  let model = modelOf(await client.run(run, { signal }));
  const agents = new AgentWatch(client, display, background);
  const desk = new DecisionDesk({
    client,
    display,
    signal: background,
    answering: options.answering ?? { by: 'nobody' },
    onDetails: (decision) => {
      model = { ...model, decisions: model.decisions.map((known) => (known.id === decision.id ? decision : known)) };
      display.refresh(model);
    },
  });
  display.refresh(model);
  try {
    for (;;) {
      for await (const item of client.follow(run, {
        after: model.seq,
        signal,
        ...(options.giveUpMs === undefined ? {} : { giveUpMs: options.giveUpMs }),
      })) {
        if (item.type === 'event') {
          model = withDetails(model, reduceEvent(model, item.event));
          display.event(item.event, model);
          desk.update(model.decisions);
          agents.update(model);
        } else if (item.type === 'lost') {
          display.connection(`connection lost (${item.error.message}), retrying in ${countdown(item.retryInMs)}…`);
        } else if (item.type === 'back') display.connection(undefined);
      }
      const view = await client.run(run, { signal });
      if (exitOfRun(view.status) !== undefined) return view;
      // it was retried just now
      await systemClock.sleep(AGAIN_MS, signal);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    done.abort();
    await desk.closed();
    display.end();
  }
}

/** Options and defaults of decisions come from elsewhere than the events: they outlast the next event. */
function withDetails(before: RunModel, after: RunModel): RunModel {
  if (before.decisions === after.decisions) return after;
  return { ...after, decisions: after.decisions.map((decision) => before.decisions.find(({ id }) => id === decision.id) ?? decision) };
}

function timeIsOver(run: string, timeoutMs: number): TimeoutError {
  return new TimeoutError('DEADLINE_EXCEEDED', `Run ${run} has not ended within ${countdown(timeoutMs)}; it goes on`, {
    details: { timeoutMs, hint: `Watch it with: mainstay watch ${run}` },
  });
}
