import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SmallDisk, TcpProxy } from '@mainstay/services';
import { Redis } from 'ioredis';
import type { Load } from '../load/load.ts';
import { POISON } from '../load/pipelines.ts';
import { evenNow } from '../steps/step-lines.ts';
import { limitHandles } from '../system/file-handles.ts';
import type { Member, World } from '../system/world.ts';
import type { FaultKind } from './kinds.ts';
import type { PlannedFault } from './plan.ts';

/** A fault that happened. Times as {@link evenNow} gives them. */
export interface Fault {
  readonly kind: FaultKind;
  /** Who, or which link. */
  readonly victim: string;
  /** Processes whose tasks others must take. */
  readonly pids: readonly number[];
  /** Run that hits whichever process does its task. */
  readonly run?: string;
  readonly beginAt: number;
  /** Everything is whole again, as far as the fault goes: servers answer, links carry. */
  readonly endAt: number;
}

interface Scene {
  readonly world: World;
  readonly load: Load;
  readonly fault: PlannedFault;
}

/** Who was hit, and a wait that ends with the fault. */
interface Hit {
  readonly victim: string;
  readonly pids?: readonly number[];
  readonly run?: Promise<string | undefined>;
  readonly over: Promise<void>;
}

const FLOOD = 300;
const SLOW = { delay: { delayMs: 60 }, throttle: { bytesPerSecond: 30_000 } };
const HOUR_MS = 3_600_000;
const BALLAST_BYTES = 1_024 ** 3;
const DEATH_MS = 15_000;

/** Does it, and waits until it is over. */
export async function injectFault(world: World, load: Load, fault: PlannedFault): Promise<Fault> {
  const beginAt = evenNow();
  const { victim, pids = [], run, over } = INJECTORS[fault.kind]({ world, load, fault });
  await over;
  const id = await run;
  return { kind: fault.kind, victim, pids, ...(id === undefined ? {} : { run: id }), beginAt, endAt: evenNow() };
}

const INJECTORS: Readonly<Record<FaultKind, (scene: Scene) => Hit>> = {
  'worker-kill': (scene) => end(worker(scene), 'SIGKILL'),
  'worker-term': (scene) => end(worker(scene), 'SIGTERM'),
  'worker-stop': (scene) => stop(worker(scene), scene),
  'orchestrator-kill': (scene) => end(orchestrator(scene), 'SIGKILL'),
  'orchestrator-term': (scene) => end(orchestrator(scene), 'SIGTERM'),
  'orchestrator-stop': (scene) => stop(orchestrator(scene), scene),
  'redis-kill': ({ world, fault }) =>
    server('redis', async () => {
      await world.redis.kill();
      await delay(fault.holdMs);
      await world.redis.restart();
    }),
  'redis-empty': ({ world, fault }) =>
    server('redis', async () => {
      await world.redis.kill();
      await delay(fault.holdMs);
      await world.redis.restartEmpty();
    }),
  'redis-flush': ({ world }) => server('redis', () => redisCommand(world, 'FLUSHALL')),
  'redis-full': ({ world, fault }) =>
    server('redis', async () => {
      await redisCommand(world, 'CONFIG', 'SET', 'maxmemory', '1');
      await delay(fault.holdMs);
      await redisCommand(world, 'CONFIG', 'SET', 'maxmemory', '0');
    }),
  'redis-clients': ({ world }) =>
    server('redis', async () => {
      await redisCommand(world, 'CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await redisCommand(world, 'CLIENT', 'KILL', 'TYPE', 'pubsub', 'SKIPME', 'yes');
    }),
  'redis-stop': ({ world, fault }) =>
    server('redis', async () => {
      world.redis.pause();
      await delay(fault.holdMs);
      world.redis.resume();
    }),
  'postgres-kill': ({ world, fault }) =>
    server('postgres', async () => {
      await world.postgres.kill();
      await delay(fault.holdMs);
      await restart(world);
    }),
  'postgres-restart': ({ world, fault }) =>
    server('postgres', async () => {
      await world.postgres.stop();
      await delay(fault.holdMs);
      await restart(world);
    }),
  'link-cut': (scene) => link(scene, (one) => one.cut(), true),
  'link-reset': (scene) => link(scene, (one) => one.reset(), false),
  'link-delay': (scene) => link(scene, (one) => one.slow(SLOW.delay), false),
  'link-throttle': (scene) => link(scene, (one) => one.slow(SLOW.throttle), false),
  'disk-full-postgres': ({ world, fault }) => server('postgres', () => fillDisk(world.disks.postgres, fault.holdMs, () => restart(world))),
  'disk-full-redis': ({ world, fault }) => server('redis', () => fillDisk(world.disks.redis, fault.holdMs, () => redisAnswers(world))),
  'memory-pressure': ({ fault }) => server('machine', () => takeMemory(fault.holdMs)),
  flood: ({ load }) => server('orchestrators', () => load.flood(FLOOD)),
  'poison-crash': (scene) => poison(scene, scene.fault.victim < 0.3 ? 'crash-always' : 'crash'),
  'poison-hang': (scene) => poison(scene, 'hang'),
  'poison-allocate': (scene) => poison(scene, 'allocate'),
  'poison-garbage': (scene) => poison(scene, 'garbage'),
  'file-handles': (scene) => takeHandles(orchestrator(scene), scene),
  'clock-jump': (scene) => jump(scene),
};

function chosen<T>(items: readonly T[], victim: number): T {
  const item = items[Math.floor(victim * items.length)];
  if (item === undefined) throw new RangeError('there is nobody to hit');
  return item;
}

const worker = ({ world, fault }: Scene): Member => chosen(world.workers, fault.victim);
const orchestrator = ({ world, fault }: Scene): Member => chosen(world.orchestrators, fault.victim);

function server(victim: string, work: () => Promise<void>): Hit {
  return { victim, over: work() };
}

function end({ child }: Member, signal: 'SIGKILL' | 'SIGTERM'): Hit {
  return { victim: child.name, pids: [child.pid], over: child.replace(signal, DEATH_MS) };
}

function stop({ child }: Member, { fault }: Scene): Hit {
  const { name, pid } = child;
  child.signal('SIGSTOP');
  return { victim: name, pids: [pid], over: delay(fault.holdMs).then(() => child.signal('SIGCONT')) };
}

/** `hits`: others must take the tasks of a worker that is cut off. */
function link({ world, fault }: Scene, harm: (link: TcpProxy) => void, hits: boolean): Hit {
  const all = world.members.flatMap(({ child, links }) => links.map((one, at) => ({ child, one, to: at === 0 ? 'redis' : 'postgres' })));
  const { child, one, to } = chosen(all, fault.victim);
  harm(one);
  return {
    victim: `${child.name} ⇢ ${to}`,
    pids: hits && child.kind === 'worker' ? [child.pid] : [],
    over: delay(fault.holdMs).then(() => one.heal()),
  };
}

/** It is at work for a while after it was accepted. */
function poison({ load, fault }: Scene, name: keyof typeof POISON): Hit {
  const run = load.begin(POISON[name]);
  return { victim: 'a worker', run, over: run.then(() => delay(fault.holdMs)) };
}

/** It can open nothing more: no file, no connection; what is open stays. */
function takeHandles({ child }: Member, { fault }: Scene): Hit {
  const { name, pid } = child;
  const over = async (): Promise<void> => {
    const limit = await limitHandles(pid, 3);
    await delay(fault.holdMs);
    if (limit !== undefined) await limitHandles(pid, limit);
  };
  return { victim: name, over: over() };
}

function jump({ world, fault }: Scene): Hit {
  const { child } = chosen(world.members, fault.victim);
  const file = join(world.clocks, String(child.pid));
  const set = (ms: number): Promise<void> => writeFile(file, String(ms));
  const ms = fault.holdMs % 2 === 0 ? HOUR_MS : -HOUR_MS;
  return {
    victim: child.name,
    over: set(ms)
      .then(() => delay(fault.holdMs))
      .then(() => set(0)),
  };
}

async function redisCommand({ redis }: World, command: string, ...args: readonly string[]): Promise<void> {
  const client = new Redis(redis.url, { retryStrategy: () => null, maxRetriesPerRequest: 0, commandTimeout: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
}

/** A server that ended by itself is started again, as its supervisor would. */
async function restart({ postgres }: World): Promise<void> {
  await postgres.restart();
}

async function redisAnswers(world: World): Promise<void> {
  await redisCommand(world, 'PING').catch(() => world.redis.restart());
}

async function fillDisk(disk: SmallDisk | undefined, holdMs: number, revive: () => Promise<void>): Promise<void> {
  if (disk === undefined) return;
  await disk.fill();
  await delay(holdMs);
  await disk.free();
  await revive();
}

/** Another process takes up to 1 GB, never more than a quarter of what is free. */
async function takeMemory(holdMs: number): Promise<void> {
  const bytes = Math.floor(Math.min(BALLAST_BYTES, freemem() / 4));
  const child = spawn(process.execPath, ['-e', `const taken = Buffer.alloc(${String(bytes)}, 1); setTimeout(() => taken.length, 60_000)`], {
    stdio: 'ignore',
  });
  await delay(holdMs);
  child.kill('SIGKILL');
}
