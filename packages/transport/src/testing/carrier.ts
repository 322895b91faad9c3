import type { Side, Transport, TransportEvents } from '../transport.ts';
import type { SigningKey } from '../wire/signer.ts';

export interface ConnectForTests extends TransportEvents {
  readonly name: string;
  readonly side: Side;
  readonly keys?: readonly SigningKey[];
  readonly maxMessageBytes?: number;
  readonly inlineBytes?: number;
}

/** What the contract suite needs of an implementation: one empty carrier per test. */
export interface CarrierForTests {
  /** A transport that is not started. Without `keys` it uses {@link testKeys}. */
  connect(options: ConnectForTests): Transport;
  /** Puts a raw frame into a lane. */
  inject(lane: string, frame: string): Promise<void>;
  /** Publishes a raw frame on a channel. */
  injectControl(channel: string, frame: string): Promise<void>;
  /** Names of the payloads that are kept. */
  payloads(): Promise<readonly string[]>;
  /** Changes a payload, or removes it. */
  setPayload(name: string, text: string | undefined): Promise<void>;
  /** Loses all lanes, payloads and the epoch. */
  wipe(): Promise<void>;
  /** The process of this name is dead: no goodbye. */
  kill(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Keys of transports that a test gave none. */
export const testKeys: readonly SigningKey[] = [{ id: 'k1', secret: new Uint8Array(32).fill(1) }];
/** A key that nobody else has. */
export const strangeKeys: readonly SigningKey[] = [{ id: 'k1', secret: new Uint8Array(32).fill(2) }];

/** How long a condition may take to come true before a test fails, in milliseconds. */
const DEADLINE_MS = 15_000;

/** Waits until a condition holds. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`It did not come true within ${String(DEADLINE_MS)} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
