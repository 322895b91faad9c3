import type { WorkerMessage } from '@mainstay/types';
import { resultLane } from './lanes.ts';
import { partitionOf } from './transport.ts';
import type { Codec, Sealed } from './wire/codec.ts';

/** Messages as batches for the lanes of their runs, in order within a lane. */
export function sealResults(codec: Codec, messages: readonly WorkerMessage[]): readonly (Sealed & { readonly lane: string })[] {
  const byPartition = Map.groupBy(messages, (message) => partitionOf(message.run));
  return [...byPartition].flatMap(([partition, batch]) => {
    const lane = resultLane(partition);
    return codec.encodeBatches(lane, batch).map((sealed) => ({ lane, ...sealed }));
  });
}
