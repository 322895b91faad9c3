import * as commands from './commands.ts';
import { answer } from './decisions.ts';
import { Draft } from './draft.ts';
import type { RunInput, Transition, Verdict } from './model.ts';
import { applyOutcome } from './outcome.ts';
import { settle } from './settle.ts';
import { stalled } from './stalled.ts';
import { tick } from './tick.ts';
import { applyLost, applyReport, applyUndelivered } from './worker-news.ts';

const TAKEN: Verdict = Object.freeze({ taken: true });
const STALE: Verdict = Object.freeze({ taken: false, why: 'stale' });

/** Decides everything about a run; see {@link Transition}. */
export const transition: Transition = (pipeline, before, inputs, context) => {
  const draft = new Draft(pipeline, before, context);
  for (const input of inputs) applyInput(draft, input);
  return draft.toChange();
};

/** Applies one input, goes on as far as possible and notes the verdict. */
export function applyInput(draft: Draft, input: RunInput): void {
  const { changes } = draft;
  const verdicts = draft.verdicts.length;
  apply(draft, input);
  settle(draft);
  if (draft.verdicts.length > verdicts) return;
  draft.verdicts.push(draft.changes > changes ? TAKEN : STALE);
}

function apply(draft: Draft, input: RunInput): void {
  switch (input.type) {
    case 'start':
      commands.start(draft);
      return;
    case 'outcome':
      applyOutcome(draft, input);
      return;
    case 'report':
      applyReport(draft, input);
      return;
    case 'lost':
      applyLost(draft, input);
      return;
    case 'undelivered':
      applyUndelivered(draft, input);
      return;
    case 'tick':
      tick(draft);
      return;
    case 'stalled':
      stalled(draft, input);
      return;
    case 'answer':
      answer(draft, input);
      return;
    case 'cancel':
      commands.cancel(draft, input);
      return;
    case 'pause':
      commands.pause(draft, input);
      return;
    case 'resume':
      commands.resume(draft, input);
      return;
    case 'retry':
      commands.retry(draft, input);
      return;
    case 'redrive':
      commands.redrive(draft, input);
      return;
    case 'suspend':
      commands.suspend(draft);
      return;
    case 'wake':
      commands.wake(draft);
  }
}
