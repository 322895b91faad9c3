import type { PriorityClass } from '@mainstay/types';
import { type Channel, PRIORITY_ORDER, type Side } from './transport.ts';

/**
 * Every name that the transport uses, in one place. Lane and channel names are part of what is signed; a carrier that
 * shares its key space puts its prefix before them: see `redis/keys.ts`.
 */
export const taskLane = (kind: string, priority: PriorityClass): string => `tasks:${kind}:${priority}`;

/** The lanes of these kinds: those of a kind stand together. */
export const taskLanesOf = (kinds: readonly string[]): readonly string[] =>
  kinds.flatMap((kind) => PRIORITY_ORDER.map((priority) => taskLane(kind, priority)));

/** The lanes of these kinds down to the class `least`, higher priorities first. */
export const taskLanesByPriority = (kinds: readonly string[], least: PriorityClass = 'low'): readonly string[] =>
  PRIORITY_ORDER.slice(0, PRIORITY_ORDER.indexOf(least) + 1).flatMap((priority) => kinds.map((kind) => taskLane(kind, priority)));

/** The lane of one result partition. */
export const resultLane = (partition: number): string => `results:${String(partition)}`;

/** The channel whose subscription is a process's presence. */
export const processChannel = (name: string): string => `proc:${name}`;

/** The channel that all processes of one side listen to. */
export const sideChannel = (side: Side): string => `all:${side}s`;

/** The name of a channel. */
export function channelName(channel: Channel): string {
  if (channel === 'orchestrators') return sideChannel('orchestrator');
  if (channel === 'workers') return sideChannel('worker');
  return processChannel(channel.process);
}

/** True for the lane of a task, false for one of results. */
export const isTaskLane = (lane: string): boolean => lane.startsWith('tasks:');
