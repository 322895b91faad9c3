import type { RunEnd } from '../../store/store.ts';
import { iso } from '../views/iso.ts';
import { positionAfter } from './position.ts';

/** An end as users see it. */
export function viewEnd({ run, status, at }: RunEnd) {
  return { id: run, status, finishedAt: iso(at) };
}

/** Ends as server-sent events, one after the other. Ids and statuses need no escaping. */
export function endsText(ends: readonly RunEnd[]): string {
  let text = '';
  for (const end of ends) {
    text += `id: ${positionAfter(end)}\nevent: run.${end.status}\ndata: {"id":"${end.run}","status":"${end.status}","finishedAt":"${iso(end.at)}"}\n\n`;
  }
  return text;
}
