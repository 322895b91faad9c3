import { type ControlMessage, type LevelNotice, MESSAGE_VERSION } from '@mainstay/types';
import { type Clock, systemClock } from '@mainstay/utils';
import type { Channel, Side, Transport } from './transport.ts';

/** Carries log levels that hold for all processes. */
export interface LevelChannel extends Disposable {
  /** Tells all processes. Orchestrators tell it again to those that show themselves, for as long as it holds. */
  announce(notice: LevelNotice): Promise<void>;
}

export interface LevelChannelOptions {
  /** Gets every notice that is newer than the last one, once; also those that are announced here. */
  readonly heard: (notice: LevelNotice) => void;
  /** Only orchestrators tell others. */
  readonly side: Side;
  readonly clock?: Clock;
}

/** A process that shows itself hears again after so long: it may have missed it while its connection was away. */
const REPEAT_MS = 5_000;
/** What goes back to the configured level is told for so long. */
const DEFAULT_MS = 60_000;
/** Names beyond these are forgotten, and told once more. */
const MAX_TOLD = 10_000;

interface Known {
  readonly notice: LevelNotice;
  /** Own monotonic time. */
  readonly until: number;
}

/**
 * Every orchestrator that heard of a level passes it on, so that it outlives the one that was asked; what is left of its time is counted
 * by each by itself. Travels in the message `hello`, of which processes that know no levels read only that they are to introduce themselves.
 */
export function openLevelChannel(transport: Transport, { heard, side, clock = systemClock }: LevelChannelOptions): LevelChannel {
  let known: Known | undefined;
  const told = new Map<string, number>();

  const tell = (channel: Channel, level: LevelNotice) =>
    transport.publish(channel, { v: MESSAGE_VERSION, type: 'hello', from: transport.name, level });

  const take = (notice: LevelNotice): void => {
    if (known !== undefined && notice.id <= known.notice.id) return;
    const lastsMs = notice.forMs ?? (notice.level === 'default' ? DEFAULT_MS : Number.POSITIVE_INFINITY);
    known = { notice, until: clock.monotonic() + lastsMs };
    told.clear();
    heard(notice);
  };

  const show = (name: string): void => {
    const now = clock.monotonic();
    if (side !== 'orchestrator' || name === transport.name || known === undefined || now >= known.until) return;
    if (now - (told.get(name) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return;
    if (told.size >= MAX_TOLD) told.clear();
    told.set(name, now);
    tell({ process: name }, left(known, now)).catch(() => told.delete(name));
  };

  const unsubscribe = transport.onControl((message: ControlMessage) => {
    if (message.type === 'hello' && message.level !== undefined) take(message.level);
    else if (message.type === 'heartbeat') show(message.worker);
    else if (message.type === 'orchestrator') show(message.name);
  });

  return {
    async announce(notice) {
      take(notice);
      await Promise.all([tell('orchestrators', notice), tell('workers', notice)]);
    },
    [Symbol.dispose]: unsubscribe,
  };
}

/** The notice with what is left of its time. */
function left({ notice, until }: Known, now: number): LevelNotice {
  return notice.forMs === undefined ? notice : { ...notice, forMs: Math.max(1, Math.round(until - now)) };
}
