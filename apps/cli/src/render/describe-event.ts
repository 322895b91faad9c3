import type { RunEvent } from '../client/views.ts';
import { EventData } from './event-data.ts';
import { clean } from './text.ts';
import { countdown } from './durations.ts';

/** One event as one line of plain text. */
export function describeEvent(event: RunEvent): string {
  const time = /T(\d\d:\d\d:\d\d)/.exec(event.at)?.[1] ?? clean(event.at);
  const subject = event.task === undefined ? 'run' : clean(event.task);
  return `${time}  ${subject}: ${wordsFor(event, new EventData(event))}`;
}

function wordsFor(event: RunEvent, data: EventData): string {
  const failed = data.error() ?? 'failed';
  switch (event.type) {
    case 'run.created':
      return `created from ${data.text('pipeline') ?? 'its pipeline'} version ${data.number('version') ?? '?'}`;
    case 'run.waiting':
      return `waits for a ${data.text('for') ?? 'decision'}`;
    case 'run.failed':
      return `failed: ${failed}`;
    case 'run.cancelled':
      return phrase('cancelled', [by(data), data.text('reason')]);
    case 'task.dispatched':
      return `given to a worker (${data.text('agent') ?? 'agent'}, attempt ${data.number('attempt') ?? '?'})`;
    case 'task.started':
      return `started on ${data.text('worker') ?? 'a worker'}`;
    case 'task.progress':
      return phrase(`${Math.round((data.number('fraction') ?? 0) * 100)}%`, [data.text('note')]);
    case 'task.succeeded':
      return data.flag('degraded') ? 'succeeded with a fallback' : 'succeeded';
    case 'task.failed':
      return `attempt ${data.number('attempt') ?? '?'} failed: ${failed}`;
    case 'task.retrying':
      return `tries again in ${countdown(data.number('delayMs') ?? 0)}`;
    case 'task.fallback':
      return `falls back from ${data.text('from') ?? '?'} to ${data.text('to') ?? '?'}: ${failed}`;
    case 'task.degraded':
      return `goes on with its fallback output: ${failed}`;
    case 'task.dead':
      return `failed for good: ${failed}`;
    case 'task.lost':
      return phrase('lost its worker', [data.text('worker')]);
    case 'task.emitted':
      return `emitted ${data.text('name') ?? 'an event'}`;
    case 'gate.failed':
      return `the gate does not hold: ${data.text('gate') ?? failed}`;
    case 'decision.opened':
      return `asks: ${data.text('question') ?? ''}`;
    case 'decision.answered':
      return phrase(`answered ${JSON.stringify(data.value('answer') ?? null)}`, [by(data), data.text('comment')]);
    case 'decision.expired':
      return 'nobody answered in time';
    default:
      return clean(event.type.replace(/^(run|task)\./, ''));
  }
}

function by(data: EventData): string | undefined {
  const who = data.text('by');
  return who === undefined ? undefined : `by ${who}`;
}

function phrase(head: string, rest: readonly (string | undefined)[]): string {
  return [head, ...rest.filter((part) => part !== undefined && part !== '')].join(', ');
}
