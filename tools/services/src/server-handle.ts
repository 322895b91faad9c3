import { sendSignal } from './process-ref.ts';
import type { Ending, ServerProcess } from './server-process.ts';

/** A server that the caller owns. */
export interface ServerHandle {
  /** With its password. */
  readonly url: string;
  readonly port: number;
  readonly password: string;
  /** Of the present process; the last one while stopped. */
  readonly pid: number;
  /** Fulfilled when the present process ends. */
  readonly ended: Promise<Ending>;
  /** Ends it in order; its data stays. Nothing happens if it does not run. */
  stop(): Promise<void>;
  /** SIGKILL; its data stays as the crash left it. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing is answered. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** Stops it if it runs, and starts it on the same port with the same data. */
  restart(): Promise<void>;
}

/** What {@link serverHandle} needs to know of the server. */
export interface ServerKind {
  readonly url: string;
  readonly port: number;
  readonly password: string;
  /** Starts the process and waits until it serves. */
  readonly spawn: () => Promise<ServerProcess>;
  readonly stopSignal: NodeJS.Signals;
}

const STOP_TIMEOUT_MS = 15_000;

/** Starts the server and gives the handle to it. */
export async function serverHandle(kind: ServerKind): Promise<ServerHandle> {
  let present = await kind.spawn();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    await present.end(signal, STOP_TIMEOUT_MS);
  };
  return {
    url: kind.url,
    port: kind.port,
    password: kind.password,
    get pid() {
      return present.pid;
    },
    get ended() {
      return present.ended;
    },
    stop: () => end(kind.stopSignal),
    kill: () => end('SIGKILL'),
    pause: () => void sendSignal(present.pid, 'SIGSTOP'),
    resume: () => void sendSignal(present.pid, 'SIGCONT'),
    async restart() {
      await end(kind.stopSignal);
      present = await kind.spawn();
    },
  };
}
