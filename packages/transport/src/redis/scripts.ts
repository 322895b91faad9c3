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
 * Takes up to ARGV[3] new entries for consumer ARGV[2] of group ARGV[1]. Then come the steps, three numbers each: from and to
 * which of KEYS, and how many entries at most from all of them. Lanes that hold nothing are passed over. A missing group (the
 * server came back empty) is created on the way. One atomic step: either the caller gets what was taken, or it must look at its own
 * pending entries. Returns `[[key, entries], …]`, as XREADGROUP does.
 */
export const TAKE = script(`
local group, consumer, left = ARGV[1], ARGV[2], tonumber(ARGV[3])
local out = {}
for step = 4, #ARGV, 3 do
  local quota = math.min(left, tonumber(ARGV[step + 2]))
  for i = tonumber(ARGV[step]), tonumber(ARGV[step + 1]) do
    if quota <= 0 then break end
    local key = KEYS[i]
    if redis.call('XLEN', key) > 0 then
      local reply = redis.pcall('XREADGROUP', 'GROUP', group, consumer, 'COUNT', quota, 'STREAMS', key, '>')
      if type(reply) == 'table' and reply.err and string.find(reply.err, 'NOGROUP', 1, true) then
        redis.call('XGROUP', 'CREATE', key, group, '0', 'MKSTREAM')
        reply = redis.pcall('XREADGROUP', 'GROUP', group, consumer, 'COUNT', quota, 'STREAMS', key, '>')
      end
      if type(reply) == 'table' and reply.err then
        if #out == 0 then return reply end
        return out
      end
      if reply then
        out[#out + 1] = reply[1]
        left = left - #reply[1][2]
        quota = quota - #reply[1][2]
      end
    end
  end
  if left <= 0 then break end
end
return out
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
