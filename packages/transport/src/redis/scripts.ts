import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { isReply } from './errors.ts';

/** A program that the server runs, and its name there. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

/**
 * Takes up to ARGV[3] new entries for consumer ARGV[2] of group ARGV[1]. KEYS are read in order; each belongs to a step,
 * named by ARGV[2i+2], which gives at most ARGV[2i+3] entries over all its keys. A missing group (the server came back empty)
 * is created on the way. One atomic step: either the caller gets what was taken, or it must look at its own pending entries.
 * Returns `[[key, [entry]], …]`, as XREADGROUP does.
 */
export const TAKE = script(`
local left = tonumber(ARGV[3])
local step, quota = '', 0
local out = {}
for i, key in ipairs(KEYS) do
  if left <= 0 then break end
  if ARGV[2 * i + 2] ~= step then
    step = ARGV[2 * i + 2]
    quota = tonumber(ARGV[2 * i + 3])
  end
  local wanted = math.min(left, quota)
  if wanted > 0 then
    local reply = redis.pcall('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', wanted, 'STREAMS', key, '>')
    if type(reply) == 'table' and reply.err and string.find(reply.err, 'NOGROUP', 1, true) then
      redis.call('XGROUP', 'CREATE', key, ARGV[1], '0', 'MKSTREAM')
      reply = redis.pcall('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', wanted, 'STREAMS', key, '>')
    end
    if type(reply) == 'table' and reply.err then
      if #out == 0 then return reply end
      break
    end
    if reply then
      local found = reply[1][2]
      for _, entry in ipairs(found) do
        out[#out + 1] = { key, { entry } }
      end
      left = left - #found
      quota = quota - #found
    end
  end
end
return out
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
