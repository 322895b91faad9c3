import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where the supervisor of one data folder keeps its things. */
export interface Layout {
  readonly dir: string;
  readonly lock: string;
  readonly state: string;
  readonly log: string;
  readonly socket: string;
  readonly postgres: string;
  readonly redis: string;
}

/** Socket paths longer than this do not fit into the system's address structure (108 bytes on Linux, 104 on macOS, with a NUL). */
const MAX_SOCKET_PATH_BYTES = 103;

/** The layout beneath a data folder. */
export function layoutOf(dataDir: string): Layout {
  const dir = join(resolve(dataDir), 'services');
  return {
    dir,
    lock: join(dir, 'supervisor.lock'),
    state: join(dir, 'state.json'),
    log: join(dir, 'supervisor.log'),
    socket: socketPath(dir),
    postgres: join(dir, 'postgres'),
    redis: join(dir, 'redis'),
  };
}

/** In the folder, or under a hashed name in the temporary folder when the path would be too long. */
export function socketPath(dir: string, temporary = tmpdir()): string {
  const path = join(dir, 'supervisor.sock');
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return path;
  return join(temporary, `mainstay-${createHash('sha256').update(dir).digest('hex').slice(0, 16)}.sock`);
}

/** Makes the folders; as root they may be entered (not listed) by others, because Postgres runs as another user. */
export function makeFolders(dataDir: string): Layout {
  const layout = layoutOf(dataDir);
  mkdirSync(resolve(dataDir), { recursive: true });
  mkdirSync(layout.dir, { recursive: true });
  chmodSync(layout.dir, process.getuid?.() === 0 ? 0o711 : 0o700);
  return layout;
}
