import { CheckRunner } from '@mainstay/lifecycle';
import type { Depth } from '@mainstay/transport';
import type { Clock } from '@mainstay/utils';
import type { Engine } from '../engine/engine.ts';

export type QueueLook = () => Promise<Readonly<Record<string, Depth>> | undefined>;

/** So that what it is part of answers within 100 ms. */
const TIMEOUT_MS = 60;

/** Depths of the queues by kind of agent; undefined when Redis does not give them in time. Asked for once at a time, whoever wants them. */
export function queueLook(engine: Pick<Engine, 'depths'>, clock: Clock): QueueLook {
  const look = async () => ({ depths: Object.fromEntries(await engine.depths()) });
  const runner = new CheckRunner('queues', { check: look, critical: false, timeoutMs: TIMEOUT_MS, cacheMs: 250 }, { clock });
  return async () => {
    const { details } = await runner.result();
    return (details as Awaited<ReturnType<typeof look>> | undefined)?.depths;
  };
}
