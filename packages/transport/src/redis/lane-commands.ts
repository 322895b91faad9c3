import type { ChainableCommander } from 'ioredis';
import type { Outgoing } from './changes.ts';
import type { Connections } from './connections.ts';
import { groupOf, type Keys } from './keys.ts';
import { isReply } from './errors.ts';
import { entries, pendingIds, type PendingSummary, pendingSummary, type RawEntry } from './replies.ts';

/** Entries are looked at in pages of so many. */
export const PAGE = 500;
/** Frames sent in one command at most, so that a command timeout covers a bounded amount of work. */
const CHUNK_FRAMES = 1_000;
const CHUNK_CHARACTERS = 8 * 1024 * 1024;

/** The results of a pipeline or transaction; throws the first error in it. */
export async function exec(commands: ChainableCommander, tolerate: readonly string[] = []): Promise<readonly unknown[]> {
  const results = await commands.exec();
  if (results === null) throw new Error('the transaction was not executed');
  return results.map(([error, reply]) => {
    if (error === null) return reply;
    if (isReply(error, ...tolerate)) return undefined;
    throw error;
  });
}

/** Cuts frames into parts of bounded size, payloads included. */
export function chunks(frames: readonly Outgoing[]): readonly (readonly Outgoing[])[] {
  const parts: Outgoing[][] = [];
  let last: Outgoing[] = [];
  let characters = 0;
  for (const outgoing of frames) {
    const size = outgoing.frame.length + (outgoing.payload?.text.length ?? 0);
    if (last.length === 0 || last.length >= CHUNK_FRAMES || characters + size > CHUNK_CHARACTERS) {
      last = [];
      parts.push(last);
      characters = 0;
    }
    last.push(outgoing);
    characters += size;
  }
  return parts;
}

/** Who holds unacknowledged entries of each lane, and how many there are; one round trip. */
export async function holders(connections: Connections, keys: Keys, lanes: readonly string[]): Promise<readonly PendingSummary[]> {
  const replies = await connections.run((redis) => {
    const pipeline = redis.pipeline();
    for (const lane of lanes) pipeline.xpending(keys.of(lane), groupOf(lane));
    return exec(pipeline, ['NOGROUP']);
  });
  return replies.map(pendingSummary);
}

/** Entries of these lanes that a consumer read and did not acknowledge, at most `max` of each, oldest first. */
export async function pendingOf(
  connections: Connections,
  keys: Keys,
  lanes: readonly string[],
  consumer: string,
  max: number,
): Promise<readonly RawEntry[]> {
  const summaries = await holders(connections, keys, lanes);
  const found: RawEntry[] = [];
  for (const [index, lane] of lanes.entries()) {
    if (summaries[index]?.owners.includes(consumer)) found.push(...(await pendingInLane(connections, keys, lane, consumer, max)));
  }
  return found;
}

async function pendingInLane(
  connections: Connections,
  keys: Keys,
  lane: string,
  consumer: string,
  max: number,
): Promise<readonly RawEntry[]> {
  const key = keys.of(lane);
  const found: RawEntry[] = [];
  let start = '-';
  while (found.length < max) {
    const size = Math.min(PAGE, max - found.length);
    const from = start;
    const ids = await connections.run(async (redis) => {
      const pipeline = redis.pipeline();
      pipeline.xpending(key, groupOf(lane), from, '+', size, consumer);
      const [reply] = await exec(pipeline, ['NOGROUP']);
      return pendingIds(reply);
    });
    found.push(...(await rangeOf(connections, keys, lane, ids)));
    const last = ids.at(-1);
    if (last === undefined || ids.length < size) break;
    start = `(${last}`;
  }
  return found;
}

async function rangeOf(connections: Connections, keys: Keys, lane: string, ids: readonly string[]): Promise<readonly RawEntry[]> {
  if (ids.length === 0) return [];
  return connections.run(async (redis) => {
    const pipeline = redis.pipeline();
    for (const id of ids) pipeline.xrange(keys.of(lane), id, id);
    return (await exec(pipeline)).flatMap((reply) => entries(lane, reply));
  });
}
