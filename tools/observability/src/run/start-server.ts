import { setTimeout as delay } from 'node:timers/promises';
import { serverEnvironment, type ServerProcess, spawnServer } from '@mainstay/services';
import { readFileSync } from 'node:fs';

/** What to start, and how to see that it serves. */
export interface ServerFacts {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Answers 200 once the server is ready. */
  readonly readyUrl: string;
  readonly logFile: string;
}

const READY_MS = 30_000;

/** Starts the program and waits until it is ready. Rejects, with the end of its log, when it ends or takes too long. */
export async function startServer({ name, file, args, env = {}, readyUrl, logFile }: ServerFacts): Promise<ServerProcess> {
  const server = await spawnServer({ file, args, env: serverEnvironment(process.env, env), logFile });
  const end = performance.now() + READY_MS;
  while (!(await answers(readyUrl))) {
    if (server.hasEnded() || performance.now() > end) {
      await server.end('SIGKILL', 1_000);
      throw new Error(`${name} did not become ready. Its log (${logFile}) ends with:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`);
    }
    await delay(50);
  }
  return server;
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
