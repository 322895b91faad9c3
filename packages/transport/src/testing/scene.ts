import type { TaskMessage } from '@mainstay/types';
import { partitionOf, PARTITIONS, type BatchDelivery, type Delivery, type Refusal, type Transport } from '../transport.ts';
import type { CarrierForTests, ConnectForTests } from './carrier.ts';

/** Nobody aborts. */
export const never: AbortSignal = new AbortController().signal;
/** All result partitions. */
export const allPartitions: readonly number[] = Array.from({ length: PARTITIONS }, (_, partition) => partition);

/** One orchestrator and one worker on a carrier of their own, both started, and what they refused. */
export interface Scene {
  readonly carrier: CarrierForTests;
  readonly orchestrator: Transport;
  readonly worker: Transport;
  readonly refusals: Refusal[];
  /** A further started transport that ends with the scene. */
  readonly join: (options: ConnectForTests) => Promise<Transport>;
}

/** Sets the scene, plays it and clears it away. */
export async function play(create: () => Promise<CarrierForTests>, act: (scene: Scene) => Promise<void>): Promise<void> {
  const carrier = await create();
  const cast: Transport[] = [];
  const refusals: Refusal[] = [];
  const join = async (options: ConnectForTests): Promise<Transport> => {
    const transport = carrier.connect({ onRefused: (refusal) => refusals.push(refusal), ...options });
    cast.push(transport);
    await transport.start();
    return transport;
  };
  try {
    const orchestrator = await join({ name: 'orchestrator-1', side: 'orchestrator' });
    const worker = await join({ name: 'worker-1', side: 'worker' });
    await act({ carrier, orchestrator, worker, refusals, join });
  } finally {
    for (const transport of cast) await transport.close();
    await carrier.close();
  }
}

/** What waits for the kind `writer`, without waiting for more. */
export function takeTasks(
  transport: Transport,
  max = 100,
  kinds: readonly string[] = ['writer'],
): Promise<readonly Delivery<TaskMessage>[]> {
  return transport.receiveTasks({ kinds, max, blockMs: 0, signal: never });
}

/** What waits in all partitions, without waiting for more. */
export function takeResults(transport: Transport, max = 100): Promise<readonly BatchDelivery[]> {
  return transport.receiveResults({ partitions: allPartitions, max, blockMs: 0, signal: never });
}

/** Ids of the messages delivered. */
export const idsOf = (deliveries: readonly { readonly message: { readonly id: string } }[]): readonly string[] =>
  deliveries.map(({ message }) => message.id);

/** Two runs whose results travel on different lanes. */
export function runsOfTwoPartitions(): readonly [string, string] {
  const other = Array.from({ length: 100 }, (_, i) => `run-${String(i)}`).find((run) => partitionOf(run) !== partitionOf('run-1'));
  if (other === undefined) throw new Error('all runs are in one partition');
  return ['run-1', other];
}
