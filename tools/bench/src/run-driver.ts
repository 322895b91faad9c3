import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { profileArgs, startProgram } from './child-program.ts';
import { type Job, JOB_VARIABLE, type Message, messageSchema } from './driver/job.ts';
import type { Engine } from './engines.ts';

/** A driver at work. */
export interface DriverRun {
  readonly pid: number;
  /** The next message of that type; rejects when the driver ends before. */
  next<T extends Message['type']>(type: T): Promise<Extract<Message, { type: T }>>;
  /** Fulfilled when it has ended. */
  readonly ended: Promise<number | NodeJS.Signals>;
  end(): Promise<void>;
}

/** No workload, and no recovery, takes longer on any engine. */
const MESSAGE_LIMIT_MS = 600_000;

export async function runDriver(engine: Engine, job: Job): Promise<DriverRun> {
  const unread: Message[] = [];
  let wake = Promise.withResolvers<undefined>();
  const logFile = join(job.folder, `${engine.name}-driver.log`);
  const program = await startProgram({
    file: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', ...profileArgs(job.profileFolder, 'driver'), engine.driver],
    env: { [JOB_VARIABLE]: JSON.stringify(job), BENCH_ENGINE: engine.name, NODE_ENV: 'production' },
    logFile,
    onLine: (line) => {
      const message = parse(line);
      if (message === undefined) return;
      unread.push(message);
      wake.resolve(undefined);
    },
  });
  const next = async (type: Message['type']): Promise<Message> => {
    const end = performance.now() + MESSAGE_LIMIT_MS;
    for (;;) {
      const index = unread.findIndex((message) => message.type === type);
      const [found] = index < 0 ? [] : unread.splice(index, 1);
      if (found !== undefined) return found;
      if (!program.running) throw new Error(`${engine.label} ended (${String(await program.ended)}):\n${tail(logFile)}`);
      wake = Promise.withResolvers();
      if (performance.now() >= end) throw new Error(`${engine.label} did not tell within ${MESSAGE_LIMIT_MS / 1_000} s:\n${tail(logFile)}`);
      await Promise.race([wake.promise, program.ended, delay(end - performance.now(), undefined, { ref: false })]);
    }
  };
  return {
    pid: program.pid,
    next: (type) => next(type) as Promise<Extract<Message, { type: typeof type }>>,
    ended: program.ended,
    end: () => program.end('SIGTERM'),
  };
}

/** Other lines are an engine's own. */
function parse(line: string): Message | undefined {
  if (!line.startsWith('{"type":')) return undefined;
  return messageSchema.safeParse(JSON.parse(line)).data;
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').slice(-3_000);
}
