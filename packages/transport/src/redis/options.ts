import { ConfigurationError } from '@mainstay/types';
import type { TransportClock } from '../clock.ts';
import type { Side, TransportEvents } from '../transport.ts';
import type { LinkOptions } from './link.ts';
import type { SigningKey } from '../wire/signer.ts';

export interface RedisTransportOptions extends TransportEvents {
  /** `redis://`, `rediss://` (TLS) with optional user, password and database number. Never logged. */
  readonly url: string;
  /** Unique per start of a process; up to 200 characters. */
  readonly name: string;
  readonly side: Side;
  /** Stands before every key and channel, so that installations can share a Redis. Default `mainstay`. */
  readonly prefix?: string;
  /** The first signs, all verify. */
  readonly keys: readonly SigningKey[];
  /** Default 4 MiB. */
  readonly maxMessageBytes?: number;
  /** Larger tasks and worker messages are kept under a key of their own; their lane has a reference. Default 64 KiB. */
  readonly inlineBytes?: number;
  /** A command without an answer for so long is given up and its connection made anew. Default 2,000. */
  readonly commandTimeoutMs?: number;
  /** `start()` rejects after so long. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** How often quiet connections are asked whether they live. Default 1,000. */
  readonly watchMs?: number;
  readonly clock?: TransportClock;
  /** Between 0 and 1; jitters the reconnect delays. Default `Math.random`. */
  readonly random?: () => number;
}

/** First and longest reconnect delay. */
const RECONNECT_MIN_MS = 50;
const RECONNECT_MAX_MS = 1_000;

/** Delay before reconnect attempt `attempt` (from 1): doubles from 50 ms to 1 s; half of it is random. */
export function reconnectDelay(attempt: number, random: () => number): number {
  const full = Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** Math.min(attempt - 1, 10));
  return full / 2 + (random() * full) / 2;
}

/** `host:port` of a URL, for messages. */
export function endpointOf(url: string): string {
  if (!URL.canParse(url)) throw invalidUrl();
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'redis:' && protocol !== 'rediss:') throw invalidUrl();
  return `${hostname === '' ? '127.0.0.1' : hostname}:${port === '' ? '6379' : port}`;
}

/** Nothing is queued while the server is away, and nothing is sent twice. */
export function linkOptions(options: RedisTransportOptions, role: string, timeoutMs: number): LinkOptions {
  const random = options.random ?? Math.random;
  return {
    connectionName: `mainstay:${role}:${options.name}`.replaceAll(/[^!-~]/g, '_'),
    connectTimeout: timeoutMs,
    disconnectTimeout: 100,
    keepAlive: 5_000,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => reconnectDelay(attempt, random),
    // A fail-over made this server a replica: the name may lead to the new primary. Scripts say so in the midst of their error.
    reconnectOnError: (error) => error.message.includes('READONLY '),
  };
}

function invalidUrl(): ConfigurationError {
  return new ConfigurationError(
    'CONFIG_INVALID',
    'The Redis URL is not of the form redis://[user:password@]host[:port][/database] or rediss://….',
  );
}
