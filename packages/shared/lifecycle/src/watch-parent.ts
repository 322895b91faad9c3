import { Socket } from 'node:net';
import { ConfigurationError } from '@mainstay/types';

/**
 * Calls `onGone` once when the other end of the pipe `fd` is closed, which the operating system does however the
 * parent died. Does not keep the process alive. Without a descriptor nothing is watched.
 * Returns the function that ends the watch.
 * @throws ConfigurationError `CONFIG_INVALID` when the descriptor is not an open pipe or socket.
 */
export function watchParent(fd: number | undefined, onGone: () => void): () => void {
  if (fd === undefined) return () => undefined;
  const socket = open(fd);
  let watching = true;
  const gone = () => {
    if (!watching) return;
    watching = false;
    socket.destroy();
    onGone();
  };
  socket.on('end', gone).on('close', gone).on('error', gone);
  socket.resume();
  socket.unref();
  return () => {
    watching = false;
    socket.destroy();
  };
}

function open(fd: number): Socket {
  try {
    return new Socket({ fd, readable: true, writable: false });
  } catch (cause) {
    const message = `MAINSTAY_PARENT_FD is ${fd}, which is not an open pipe or socket`;
    throw new ConfigurationError('CONFIG_INVALID', message, {
      cause,
      details: { issues: [{ variable: 'MAINSTAY_PARENT_FD', problem: message }] },
    });
  }
}
