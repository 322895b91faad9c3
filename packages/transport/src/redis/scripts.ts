import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { isReply } from './errors.ts';
import { FIELD } from './keys.ts';

/** A program that the server runs, and its name there. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

/**
 * Changes lanes in one atomic step. ARGV is a list of operations, each a word, a number `n`, and what belongs to it; each has one of
 * KEYS, in the same order:
 * - `kinds` n kinds: adds them to the set of kinds
 * - `payload` ms text: keeps the text for so long
 * - `add` n frames: appends them to a lane
 * - `end` n group and n - 1 ids: acknowledges and deletes entries of a lane
 * - `drop` 0: deletes a payload
 * What adds comes first, since a server without memory refuses just that, and then nothing is done.
 */
export const APPLY = script(`
local i, k, count = 1, 1, #ARGV
while i <= count do
  local word, n, key = ARGV[i], tonumber(ARGV[i + 1]), KEYS[k]
  i = i + 2
  k = k + 1
  if word == 'add' then
    for j = i, i + n - 1 do redis.call('XADD', key, '*', '${FIELD}', ARGV[j]) end
  elseif word == 'end' then
    redis.call('XACK', key, ARGV[i], unpack(ARGV, i + 1, i + n - 1))
    redis.call('XDEL', key, unpack(ARGV, i + 1, i + n - 1))
  elseif word == 'kinds' then
    redis.call('SADD', key, unpack(ARGV, i, i + n - 1))
  elseif word == 'payload' then
    redis.call('SET', key, ARGV[i], 'PX', n)
    n = 1
  elseif word == 'drop' then
    redis.call('DEL', key)
  end
  i = i + n
end
return 0
`);

/**
 * How many entries of each of KEYS nobody of group ARGV[1] has read yet. Where there are some, the group is created if it is missing
 * (the lane is new, or the server came back empty). Reading itself is left to commands, since what goes through
 * a script is converted twice and costs three times as much.
 */
export const COUNT_WAITING = script(`
local waiting = {}
for i, key in ipairs(KEYS) do
  local count = redis.call('XLEN', key)
  if count > 0 then
    local pending = redis.pcall('XPENDING', key, ARGV[1])
    if pending.err then
      redis.call('XGROUP', 'CREATE', key, ARGV[1], '0', 'MKSTREAM')
    else
      count = math.max(0, count - pending[1])
    end
  end
  waiting[i] = count
end
return waiting
`);

/** Creates group ARGV[1] of KEYS where it is missing: a blocking read needs it on every lane. */
export const CREATE_GROUPS = script(`
for _, key in ipairs(KEYS) do
  local made = redis.pcall('XGROUP', 'CREATE', key, ARGV[1], '0', 'MKSTREAM')
  if type(made) == 'table' and made.err and not string.find(made.err, 'BUSYGROUP', 1, true) then return made end
end
return 0
`);

/** Removes consumer ARGV[2i] of group ARGV[2i-1] from KEYS[i] where it holds nothing any more: a removal would lose what it holds. */
export const FORGET = script(`
local removed = 0
for i, key in ipairs(KEYS) do
  local held = redis.pcall('XPENDING', key, ARGV[2 * i - 1], '-', '+', 1, ARGV[2 * i])
  if type(held) == 'table' and not held.err and #held == 0 then
    redis.call('XGROUP', 'DELCONSUMER', key, ARGV[2 * i - 1], ARGV[2 * i])
    removed = removed + 1
  end
end
return removed
`);

/** Runs a script by its name, and sends it along when the server does not know it (then it did not run). */
export async function runScript(
  redis: Redis,
  { lua, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!isReply(error, 'NOSCRIPT')) throw error;
    return redis.eval(lua, keys.length, ...keys, ...args);
  }
}

function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}
