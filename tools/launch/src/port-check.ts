import { createServer } from 'node:net';
import { ConfigurationError } from '@mainstay/types';

/** Makes sure that we can listen at the address, before anything is started. */
export function checkPort(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'EADDRINUSE' ? 'another program uses it' : cause.message;
      const variables = cause.code === 'EADDRINUSE' ? 'PORT' : 'PORT or HOST';
      reject(
        new ConfigurationError(
          'CONFIG_INVALID',
          `Cannot listen on ${host}:${String(port)}: ${reason}. Set ${variables} to another value, for example PORT=${String(port + 1)}.`,
          { cause, details: { host, port } },
        ),
      );
    });
    server.listen({ host, port, exclusive: true }, () =>
      server.close(() => {
        resolve();
      }),
    );
  });
}
