import type { Logger } from '@mainstay/observability';
import type { Clock } from '@mainstay/utils';
import type { Store } from '../store/store.ts';
import type { Applier } from './applier.ts';
import type { Marks } from './marks.ts';
import type { Members } from './members.ts';
import type { ResultsLoop } from './results-loop.ts';
import { Trouble } from './trouble.ts';
import { until } from './until.ts';

export interface LastStepsDeps {
  readonly store: Store;
  readonly applier: Applier;
  readonly members: Members;
  readonly results: ResultsLoop;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Between two signs of life of a worker. */
  readonly heartbeatMs: number;
}

const PAGE = 500;
const RETRY_MS = 200;

/**
 * What the last orchestrator does before it stops: nothing new is dispatched from here on, and what workers still send is
 * taken in until they have nothing more. A store that fails is asked again until the deadline; runs that could not be asked for by then
 * stay active, and the next orchestrator finds their tasks with nobody.
 */
export async function suspendAll(deps: LastStepsDeps, deadline: AbortSignal): Promise<void> {
  const { store, applier, members, results, clock, logger, heartbeatMs } = deps;
  const trouble = new Trouble('listing the runs to suspend', logger, clock);
  let after: string | undefined;
  while (!deadline.aborted) {
    const runs = await store.active(after, PAGE).catch((error: unknown) => {
      trouble.failed(error);
    });
    if (runs === undefined) {
      await clock.sleep(RETRY_MS, deadline).catch(() => undefined);
      continue;
    }
    trouble.worked();
    await Promise.allSettled(runs.map((run) => applier.apply(run, { type: 'suspend' })));
    after = runs.at(-1);
    if (runs.length < PAGE) break;
  }
  // Workers that were told to stop in the same moment have a heartbeat's time to say so.
  if (members.workerCount > 0) await clock.sleep(heartbeatMs, deadline).catch(() => undefined);
  await until(() => members.drainingWorkers() === 0, deadline, clock);
  await until(() => results.open === 0 && applier.idle, deadline, clock);
}

/** Leaves the register if nothing of this orchestrator is unpublished; else others find it there. */
export async function leaveRegister(store: Store, marks: Marks, logger: Logger): Promise<void> {
  const mark = marks.current();
  try {
    await store.checkIn(mark);
    if (mark.batch === mark.published) await store.checkOut(mark.orchestrator);
  } catch (error) {
    logger.debug({ err: error }, 'this orchestrator could not leave the register; others will find it gone');
  }
}
