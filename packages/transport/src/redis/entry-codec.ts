import type { TaskMessage } from '@mainstay/types';
import { receiptOf } from '../receipts.ts';
import type { BatchDelivery, Delivery, Receipt, TransportEvents } from '../transport.ts';
import type { Codec, Decoded } from '../wire/codec.ts';
import type { WholeEntry } from './payloads.ts';

/** What came of some entries: deliveries, and receipts of those that are to be acknowledged away. */
export interface Sorted<D> {
  readonly deliveries: readonly D[];
  readonly refused: readonly Receipt[];
}

/** Turns entries into deliveries; what cannot be read is reported and given back for removal. */
export interface EntryCodec {
  readonly tasks: (entries: readonly WholeEntry[]) => Sorted<Delivery<TaskMessage>>;
  readonly batches: (entries: readonly WholeEntry[]) => Sorted<BatchDelivery>;
}

export function createEntryCodec(codec: Codec, events: TransportEvents): EntryCodec {
  const sort = <M, D>(
    entries: readonly WholeEntry[],
    decode: (lane: string, frame: string, payload?: string) => Decoded<M>,
    deliver: (messages: readonly M[], receipt: Receipt, into: D[]) => void,
  ): Sorted<D> => {
    const deliveries: D[] = [];
    const refused: Receipt[] = [];
    for (const { lane, id, frame, payload } of entries) {
      const decoded: Decoded<M> =
        frame === undefined
          ? { messages: [], refusals: [{ lane, code: 'MESSAGE_INVALID', reason: 'the entry has no frame' }] }
          : decode(lane, frame, payload?.text);
      const receipt = receiptOf(lane, id, payload?.name);
      for (const refusal of decoded.refusals) events.onRefused?.(refusal);
      if (decoded.messages.length > 0) deliver(decoded.messages, receipt, deliveries);
      else refused.push(receipt);
    }
    return { deliveries, refused };
  };
  return {
    tasks: (entries) =>
      sort(entries, codec.decodeTask, (messages, receipt, into: Delivery<TaskMessage>[]) => {
        for (const message of messages) into.push({ message, receipt });
      }),
    batches: (entries) =>
      sort(entries, codec.decodeBatch, (messages, receipt, into: BatchDelivery[]) => {
        into.push({ messages, receipt });
      }),
  };
}
