import { createServer } from 'node:net';

/** A loopback port that is free now: `wanted` if nobody has it, else one that the system chooses. */
export async function freePort(wanted?: number): Promise<number> {
  return (
    (wanted === undefined ? undefined : await tryPort(wanted)) ?? (await tryPort(0)) ?? Promise.reject(new Error('no free loopback port'))
  );
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : undefined);
      });
    });
  });
}
