import { connect } from 'node:net';

/** True if the server at the loopback port takes the password and answers a PING. Never rejects; takes at most `timeoutMs` (default 2 s). */
export function probeRedis(port: number, password: string, timeoutMs = 2_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: timeoutMs });
    let answer = '';
    const finish = (): void => {
      socket.destroy();
      resolve(answer.includes('+PONG'));
    };
    socket.on('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`));
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
      if (answer.includes('+PONG') || answer.includes('-')) finish();
    });
    socket.on('timeout', finish);
    socket.on('error', finish);
    socket.on('close', finish);
  });
}
