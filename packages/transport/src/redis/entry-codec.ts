import type { TaskMessage } from '@mainstay/types';
import type { BatchDelivery, Delivery, Receipt, TransportEvents } from '../transport.ts';
import type { Codec, Decoded } from '../wire/codec.ts';
import type { Keys } from './keys.ts';
import type { RawEntry } from './replies.ts';

/** What came of some entries: deliveries, and receipts of those that are to be acknowledged away. */
export interface Sorted<D> {
  readonly deliveries: readonly D[];
  readonly refused: readonly Receipt[];
}

/** Turns entries into deliveries; what cannot be read is reported and given back for removal. */
export interface EntryCodec {
  readonly tasks: (entries: readonly RawEntry[]) => Sorted<Delivery<TaskMessage>>;
  readonly batches: (entries: readonly RawEntry[]) => Sorted<BatchDelivery>;
}

export function createEntryCodec(codec: Codec, keys: Keys, events: TransportEvents): EntryCodec {
  const sort = <M, D>(
    raw: readonly RawEntry[],
    decode: (lane: string, frame: string) => Decoded<M>,
    deliver: (messages: readonly M[], receipt: Receipt) => readonly D[],
  ): Sorted<D> => {
    const deliveries: D[] = [];
    const refused: Receipt[] = [];
    for (const { key, id, frame } of raw) {
      const receipt = { lane: keys.nameOf(key), entry: id };
      const decoded: Decoded<M> =
        frame === undefined
          ? { messages: [], refusals: [{ lane: receipt.lane, code: 'MESSAGE_INVALID', reason: 'the entry has no frame' }] }
          : decode(receipt.lane, frame);
      for (const refusal of decoded.refusals) events.onRefused?.(refusal);
      if (decoded.messages.length > 0) deliveries.push(...deliver(decoded.messages, receipt));
      else refused.push(receipt);
    }
    return { deliveries, refused };
  };
  return {
    tasks: (raw) => sort(raw, codec.decodeTask, (messages, receipt) => messages.map((message) => ({ message, receipt }))),
    batches: (raw) => sort(raw, codec.decodeBatch, (messages, receipt) => [{ messages, receipt }]),
  };
}
