import type { DeadLetterQuery } from '../client/mainstay-client.ts';
import { EXIT } from '../exit-codes.ts';
import { counted, Progress } from '../render/progress.ts';
import type { Outcome, Session } from '../session.ts';

interface Failed {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

/** Most that is asked of one request. */
const MAX_PER_REQUEST = 200;

/** Redrives all dead letters that wait and match, request by request. Those that fail are named, and the rest goes on. */
export async function redriveAll(session: Session, filter: DeadLetterQuery, limit = Number.POSITIVE_INFINITY): Promise<Outcome> {
  const progress = new Progress(session.io.stdout, session.settings.live);
  const failed: Failed[] = [];
  let [matched, redriven, runs] = [0, 0, 0];
  try {
    for (let cursor: string | undefined, more = true; more && matched < limit;) {
      const request = { ...filter, cursor, limit: Math.min(MAX_PER_REQUEST, limit - matched) };
      const result = await session.client.redriveMany({ ...request, signal: session.signal });
      matched += result.matched;
      redriven += result.redriven;
      runs += result.runs;
      failed.push(...result.failed);
      cursor = result.cursor;
      more = cursor !== undefined;
      progress.show(`redrove ${counted(redriven, 'dead letter')} of ${counted(matched, 'one')}`);
    }
  } finally {
    progress.end();
  }
  if (session.settings.json) session.writeJson({ matched, redriven, runs, failed });
  else {
    session.write(`redrove ${counted(redriven, 'dead letter')}; ${counted(runs, 'run')} went on`);
    for (const { id, code, message } of failed) session.write(`${id} was not redriven: ${code}: ${message}`);
  }
  return failed.length === 0 ? undefined : EXIT.failed;
}
