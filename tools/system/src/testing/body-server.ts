import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A server on loopback that is handed whole bodies. */
export interface BodyServer extends AsyncDisposable {
  readonly port: number;
}

/** On any free port. `take` has the body, unpacked where it came packed, and answers. */
export async function startBodyServer(
  take: (body: Buffer, request: IncomingMessage, response: ServerResponse) => void,
): Promise<BodyServer> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces);
      take(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body, request, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
