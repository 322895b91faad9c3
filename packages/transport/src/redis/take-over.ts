import type { Connections } from './connections.ts';
import { groupOf, type Keys } from './keys.ts';
import { holders, PAGE } from './lane-commands.ts';
import { entries, pendingIds, type RawEntry } from './replies.ts';

export interface TakeOver {
  readonly self: string;
  readonly isDead: (process: string) => boolean;
  readonly max: number;
}

/** Makes entries that are pending with dead consumers pending with `self`, and returns them; at most `max`. */
export async function takeOver(
  connections: Connections,
  keys: Keys,
  lanes: readonly string[],
  { self, isDead, max }: TakeOver,
): Promise<readonly RawEntry[]> {
  const summaries = await holders(connections, keys, lanes);
  const dead = lanes.flatMap((lane, index) =>
    (summaries[index]?.owners ?? []).filter((owner) => owner !== self && isDead(owner)).map((owner) => ({ lane, owner })),
  );
  const taken: RawEntry[] = [];
  for (const { lane, owner } of dead) {
    while (taken.length < max) {
      const wanted = Math.min(PAGE, max - taken.length);
      const claimed = await claim(connections, keys, lane, owner, self, wanted);
      taken.push(...claimed.found);
      if (claimed.asked < wanted) break;
    }
  }
  return taken;
}

async function claim(
  connections: Connections,
  keys: Keys,
  lane: string,
  owner: string,
  self: string,
  max: number,
): Promise<{ readonly asked: number; readonly found: readonly RawEntry[] }> {
  const [key, group] = [keys.of(lane), groupOf(lane)];
  const ids = await connections.run(async (redis) => pendingIds(await redis.xpending(key, group, '-', '+', max, owner)));
  if (ids.length === 0) return { asked: 0, found: [] };
  // Two that take over at once: the claim of one follows the other's, and both deliver. Deliveries may be doubled.
  const found = await connections.run(async (redis) => entries(lane, await redis.xclaim(key, group, self, 0, ...ids)));
  return { asked: ids.length, found };
}
