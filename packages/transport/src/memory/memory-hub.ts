import { systemClock } from '@mainstay/utils';
import type { TransportClock } from '../clock.ts';
import type { Side, Transport, TransportEvents } from '../transport.ts';
import { createCodec } from '../wire/codec.ts';
import type { SigningKey } from '../wire/signer.ts';
import { MemoryStore } from './memory-store.ts';
import { MemoryTransport } from './memory-transport.ts';

export interface MemoryHubOptions {
  /** Times the wait of a blocked receive. Default: the machine's timers. */
  readonly clock?: TransportClock;
  /** Signing keys of the processes that bring none. Default: one fixed key, since nothing leaves this process. */
  readonly keys?: readonly SigningKey[];
  /** Default 4 MiB. */
  readonly maxMessageBytes?: number;
  /** Larger tasks and worker messages are kept beside their lane. Default 64 KiB. */
  readonly inlineBytes?: number;
}

export interface MemoryConnectOptions extends TransportEvents {
  /** Unique within the hub; connecting a name again replaces it. */
  readonly name: string;
  readonly side: Side;
  readonly keys?: readonly SigningKey[];
  readonly maxMessageBytes?: number;
  readonly inlineBytes?: number;
}

/** Carries messages between transports of one process, as Redis does between processes. For tests and simulation. */
export interface MemoryHub {
  /** A transport of this hub; call its `start()`. */
  connect(options: MemoryConnectOptions): Transport;
  /** Loses lanes, kinds and epoch, as a flushed Redis does. Presence stays. */
  wipe(): void;
  /** Breaks the connection of a process, or of all when no name is given: its calls reject until {@link reconnect}. */
  disconnect(name?: string): void;
  reconnect(name?: string): void;
  /** The process is dead: presence gone, pending entries stay, its transport is unusable for ever. No events are raised. */
  kill(name: string): void;
  /** Puts a raw frame into a lane, as an attacker or an older program would. */
  inject(lane: string, frame: string): void;
  /** Names of the payloads that are kept. */
  payloads(): readonly string[];
  /** Changes a payload, or removes it, as somebody with access to the carrier would. */
  setPayload(name: string, text: string | undefined): void;
  /** Publishes a raw frame on a channel. */
  injectControl(channel: string, frame: string): void;
}

const LOCAL_KEY: SigningKey = { id: 'memory', secret: new Uint8Array(32).fill(7) };

export function createMemoryHub(options: MemoryHubOptions = {}): MemoryHub {
  const store = new MemoryStore();
  const transports = new Map<string, MemoryTransport>();
  const each = (name: string | undefined, act: (transport: MemoryTransport) => void): void => {
    for (const [key, transport] of transports) if (name === undefined || name === key) act(transport);
  };
  return {
    connect: ({ name, side, keys, maxMessageBytes, inlineBytes, ...events }) => {
      const codec = createCodec({
        keys: keys ?? options.keys ?? [LOCAL_KEY],
        maxMessageBytes: maxMessageBytes ?? options.maxMessageBytes,
        inlineBytes: inlineBytes ?? options.inlineBytes,
      });
      const transport = new MemoryTransport({ name, side, codec, store, clock: options.clock ?? systemClock, events });
      transports.set(name, transport);
      return transport;
    },
    wipe: () => {
      store.wipe();
    },
    disconnect: (name) => {
      each(name, (transport) => {
        transport.disconnect();
      });
    },
    reconnect: (name) => {
      each(name, (transport) => {
        transport.reconnect();
      });
    },
    kill: (name) => {
      each(name, (transport) => void transport.close());
    },
    inject: (lane, frame) => {
      store.add([{ lane, frame }]);
    },
    payloads: () => [...store.payloads.keys()],
    setPayload: (name, text) => {
      if (text === undefined) store.payloads.delete(name);
      else store.payloads.set(name, text);
    },
    injectControl: (channel, frame) => {
      store.publish(channel, frame);
    },
  };
}
