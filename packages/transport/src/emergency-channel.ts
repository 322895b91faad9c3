import { type ControlMessage, type EmergencyNotice, MESSAGE_VERSION } from '@mainstay/types';
import type { Channel, Transport } from './transport.ts';

/** Carries emergencies that persons declared to all processes. What is missed is told again by whoever announces it. */
export interface EmergencyChannel extends Disposable {
  /** Tells all processes; while it is active also those that come later, as soon as they show themselves. */
  announce(notice: EmergencyNotice): Promise<void>;
}

/** Names beyond these are forgotten, and told once more. */
const MAX_TOLD = 10_000;

/**
 * Announces over the message `hello`, of which processes that know no emergencies read only that they are to introduce themselves.
 * `heard` gets what others announce; the transport must be started.
 */
export function openEmergencyChannel(transport: Transport, heard: (notice: EmergencyNotice) => void): EmergencyChannel {
  let active: EmergencyNotice | undefined;
  const told = new Set<string>();

  const tell = (channel: Channel, emergency: EmergencyNotice) =>
    transport.publish(channel, { v: MESSAGE_VERSION, type: 'hello', from: transport.name, emergency });

  const show = (name: string) => {
    if (active === undefined || name === transport.name || told.has(name)) return;
    if (told.size >= MAX_TOLD) told.clear();
    told.add(name);
    tell({ process: name }, active).catch(() => told.delete(name));
  };

  const unsubscribe = transport.onControl((message: ControlMessage) => {
    if (message.type === 'hello' && message.emergency !== undefined) heard(message.emergency);
    else if (message.type === 'heartbeat') show(message.worker);
    else if (message.type === 'orchestrator') show(message.name);
  });

  return {
    async announce(notice) {
      if (active?.active !== notice.active || !notice.active) told.clear();
      active = notice.active ? notice : undefined;
      await Promise.all([tell('orchestrators', notice), tell('workers', notice)]);
    },
    [Symbol.dispose]: unsubscribe,
  };
}
