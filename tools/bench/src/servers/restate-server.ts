import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { freePort, waitUntil } from '@mainstay/services';
import { type ChildProgram, startProgram } from '../child-program.ts';
import type { Job } from '../driver/job.ts';
import { PEERS_FOLDER } from '../engines.ts';

const READY_MS = 60_000;

export interface RestateServer {
  readonly process: ChildProgram;
  readonly addresses: NonNullable<Job['restate']>;
}

/** Starts Restate's server with its default settings, on the loopback interface. */
export async function startRestateServer(folder: string): Promise<RestateServer> {
  const data = join(folder, 'restate');
  mkdirSync(data, { recursive: true });
  const [ingress, admin, node, servicePort] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const server = await startProgram({
    file: binary(),
    args: ['--no-logo', '--node-name', 'n1', '--base-dir', data],
    cwd: data,
    logFile: join(folder, 'restate-server.log'),
    env: {
      RESTATE_BIND_IP: '127.0.0.1',
      RESTATE_LISTEN_MODE: 'tcp',
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
      RESTATE_DISABLE_TELEMETRY: 'true',
      DO_NOT_TRACK: '1',
      RUST_LOG: 'warn',
    },
  });
  const adminUrl = `http://127.0.0.1:${admin}`;
  const up = await waitUntil(
    () =>
      fetch(`${adminUrl}/health`).then(
        ({ ok }) => ok || undefined,
        () => undefined,
      ),
    {
      timeoutMs: READY_MS,
      intervalMs: 100,
    },
  );
  if (up !== true) throw new Error(`Restate's server did not come up; its log is restate-server.log in ${folder}`);
  return { process: server, addresses: { ingressUrl: `http://127.0.0.1:${ingress}`, adminUrl, servicePort } };
}

function binary(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    return createRequire(join(PEERS_FOLDER, 'package.json')).resolve(`@restatedev/restate-server-${platform}/bin/restate-server`);
  } catch (error) {
    throw new Error(`Restate has no server for ${platform}; leave it out with --engines`, { cause: error });
  }
}
