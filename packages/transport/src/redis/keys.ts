import { isTaskLane } from '../lanes.ts';

/** Names within the key space of one Redis. */
export interface Keys {
  /** The stream of a lane, or the channel of a channel name. */
  of(name: string): string;
  /** The lane or channel name of a key. */
  nameOf(key: string): string;
  /** Where a payload is kept. */
  payload(name: string): string;
  readonly epoch: string;
  /** The set of kinds for which a task was ever sent. */
  readonly kinds: string;
}

/** Group of the readers of a lane. */
export const groupOf = (lane: string): string => (isTaskLane(lane) ? 'workers' : 'orchestrators');

/** Field of a stream entry that holds the frame. */
export const FIELD = 'm';

/**
 * `<prefix>:tasks:<kind>:<priority>`, `<prefix>:results:<partition>`, `<prefix>:payload:<name>`, `<prefix>:epoch`, `<prefix>:kinds`, and
 * the channels `<prefix>:proc:<name>`, `<prefix>:all:<side>s`. Scripts and transactions touch several of them: in a Redis Cluster the
 * prefix must carry the hash tag, for instance `{mainstay}`.
 */
export function createKeys(prefix: string): Keys {
  const start = `${prefix}:`;
  return {
    of: (name) => start + name,
    nameOf: (key) => (key.startsWith(start) ? key.slice(start.length) : key),
    payload: (name) => `${start}payload:${name}`,
    epoch: `${start}epoch`,
    kinds: `${start}kinds`,
  };
}
