import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const addresses = z.object({ databaseUrl: z.string(), redisUrl: z.string() });

/** A process that holds the services of a folder. */
export interface ClientProcess extends z.infer<typeof addresses> {
  readonly child: ChildProcess;
  /** Lets it release and end. */
  release(): Promise<void>;
  kill(): Promise<void>;
}

/** Starts a client process and waits until it has the services. */
export async function startClient(dataDir: string): Promise<ClientProcess> {
  const program = fileURLToPath(new URL('./hold-services.ts', import.meta.url));
  const child = spawn(process.execPath, [program, dataDir], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const first = await Promise.race([once(child.stdout, 'data'), ended.then(() => undefined)]);
  if (first === undefined) throw new Error(`the client ended early: ${errors}`);
  return {
    ...addresses.parse(JSON.parse(String(first[0]))),
    child,
    async release() {
      child.stdin.end();
      await ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
