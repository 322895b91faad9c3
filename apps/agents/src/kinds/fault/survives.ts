import type { TaskContext } from '@mainstay/agent';
import { z } from 'zod';

/** Input of the kinds that harm their worker: the first `times` attempts do it. */
export const times = z.number().int().min(0).max(1_000).default(1);

/** True when the attempt is to return instead of doing harm. */
export function survives(ctx: TaskContext, harmful: number): boolean {
  return ctx.restored !== undefined || ctx.attempt > harmful || ctx.fence > harmful;
}
