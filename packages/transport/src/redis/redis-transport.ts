import type { ControlMessage, TaskMessage, WorkerMessage } from '@mainstay/types';
import type { Redis } from 'ioredis';
import { channelName, processChannel, resultLane, sideChannel, taskLane, taskLanesByPriority, taskLanesOf } from '../lanes.ts';
import { readOrder, type ReadStep, rotate, type TakeStep } from '../read-order.ts';
import type {
  BatchDelivery,
  CarrierUsage,
  Channel,
  Delivery,
  Depth,
  Receipt,
  ReceiveBatches,
  ReceiveTasks,
  Transport,
} from '../transport.ts';
import { PARTITIONS, PRIORITY_ORDER } from '../transport.ts';
import { sealResults } from '../seal-results.ts';
import { type Codec, createCodec } from '../wire/codec.ts';
import { DEFAULT_MAX_MESSAGE_BYTES } from '../wire/frame.ts';
import { Connections } from './connections.ts';
import { createEntryCodec, type EntryCodec } from './entry-codec.ts';
import { Changes, remove } from './changes.ts';
import { evictionPolicyOf } from './eviction.ts';
import { usageOf } from './usage.ts';
import { createKeys, groupOf, type Keys } from './keys.ts';
import { chunks, exec, pendingOf } from './lane-commands.ts';
import { LaneReader } from './lane-reader.ts';
import type { RedisTransportOptions } from './options.ts';
import { Payloads } from './payloads.ts';
import { consumerNames, count, pendingSummary, strings } from './replies.ts';
import { FORGET, runScript } from './scripts.ts';
import { takeOver } from './take-over.ts';

/** Pending tasks of one lane that are given at once. */
const MAX_PENDING = 10_000;
/** Names asked for in one PUBSUB NUMSUB. */
const MAX_NAMES = 1_000;

/** The transport over Redis Streams and pub/sub. */
export class RedisTransport implements Transport {
  readonly name: string;
  readonly #codec: Codec;
  readonly #keys: Keys;
  readonly #entryCodec: EntryCodec;
  readonly #connections: Connections;
  readonly #payloads: Payloads;
  readonly #tasks: LaneReader;
  readonly #results: LaneReader;
  readonly #handlers = new Set<(message: ControlMessage) => void>();
  readonly #options: RedisTransportOptions;
  #fullReads = 0;
  #turn = 0;

  constructor(options: RedisTransportOptions) {
    this.name = options.name;
    this.#options = options;
    this.#codec = createCodec(options);
    this.#keys = createKeys(options.prefix ?? 'mainstay');
    this.#entryCodec = createEntryCodec(this.#codec, options);
    const channels = [processChannel(options.name), sideChannel(options.side)].map((name) => this.#keys.of(name));
    this.#connections = new Connections(options, {
      subscribe: async (redis) => {
        await redis.subscribe(...channels);
      },
      onMessage: (channel, frame) => {
        this.#onMessage(this.#keys.nameOf(channel), frame);
      },
    });
    const maxBytes = options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES;
    this.#payloads = new Payloads(this.#connections, this.#keys, this.#codec, maxBytes);
    this.#tasks = new LaneReader(this.#connections, this.#keys, options.name, this.#payloads);
    this.#results = new LaneReader(this.#connections, this.#keys, options.name, this.#payloads);
  }

  get up(): boolean {
    return this.#connections.up;
  }

  start(): Promise<void> {
    return this.#connections.open();
  }

  close(): Promise<void> {
    this.#connections.close();
    this.#handlers.clear();
    return Promise.resolve();
  }

  async ping(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#run((redis) => redis.ping());
  }

  async sendTasks(tasks: readonly TaskMessage[]): Promise<void> {
    if (tasks.length === 0) return;
    const kinds = new Set<string>();
    const outgoing = tasks.map((task) => {
      const lane = taskLane(task.agent, task.priority);
      kinds.add(task.agent);
      return { lane, ...this.#codec.encodeTask(lane, task) };
    });
    for (const part of chunks(outgoing)) await this.#change().registerKinds(kinds).add(part).apply(this.#connections);
  }

  async receiveTasks({ kinds, max, blockMs, signal, least = 'low' }: ReceiveTasks): Promise<readonly Delivery<TaskMessage>[]> {
    const step = ({ priority, limit }: ReadStep): TakeStep => {
      const from = PRIORITY_ORDER.indexOf(priority) * kinds.length;
      return { from, to: from + kinds.length, limit };
    };
    const deliveries = await this.#tasks.read({
      lanes: taskLanesByPriority(rotate(kinds, this.#turn), least),
      steps: () => readOrder(this.#fullReads, max, least).map(step),
      max,
      blockMs,
      signal,
      sort: this.#entryCodec.tasks,
      surplus: 'give-back',
    });
    this.#fullReads = deliveries.length >= max ? this.#fullReads + 1 : 0;
    if (deliveries.length > 0) this.#turn += 1;
    return deliveries;
  }

  async sendResults(messages: readonly WorkerMessage[], ended: readonly Receipt[]): Promise<void> {
    if (messages.length === 0 && ended.length === 0) return;
    const outgoing = sealResults(this.#codec, messages);
    await this.#change().add(outgoing).remove(ended).apply(this.#connections);
    this.#tasks.release(ended);
  }

  async dropTasks(receipts: readonly Receipt[]): Promise<void> {
    await remove(this.#connections, this.#keys, receipts);
    this.#tasks.release(receipts);
  }

  async pendingTasksOf(process: string, kinds: readonly string[]): Promise<readonly Delivery<TaskMessage>[]> {
    const raw = await pendingOf(this.#connections, this.#keys, taskLanesOf(kinds), process, MAX_PENDING);
    const { deliveries, refused } = this.#entryCodec.tasks(await this.#payloads.complete(raw));
    await remove(this.#connections, this.#keys, refused);
    return deliveries;
  }

  async readers(kinds: readonly string[]): Promise<readonly string[]> {
    const lanes = taskLanesOf(kinds);
    const replies = await this.#run((redis) => {
      const pipeline = redis.pipeline();
      for (const lane of lanes) pipeline.xinfo('CONSUMERS', this.#keys.of(lane), groupOf(lane));
      return exec(pipeline, ['NOGROUP', 'ERR no such key']);
    });
    return [...new Set(replies.flatMap(consumerNames))];
  }

  async forget(process: string, kinds: readonly string[]): Promise<void> {
    const lanes = [...taskLanesOf(kinds), ...allResultLanes];
    const keys = lanes.map((lane) => this.#keys.of(lane));
    const args = lanes.flatMap((lane) => [groupOf(lane), process]);
    await this.#run((redis) => runScript(redis, FORGET, keys, args));
  }

  async depths(kinds: readonly string[]): Promise<ReadonlyMap<string, Depth>> {
    if (kinds.length === 0) return new Map();
    const lanes = taskLanesOf(kinds);
    const replies = await this.#run((redis) => {
      const pipeline = redis.pipeline();
      for (const lane of lanes) pipeline.xlen(this.#keys.of(lane)).xpending(this.#keys.of(lane), groupOf(lane));
      return exec(pipeline, ['NOGROUP']);
    });
    const perKind = lanes.length / kinds.length;
    return new Map(
      kinds.map((kind, index) => {
        const own = lanes.slice(index * perKind, (index + 1) * perKind).map((_, at) => (index * perKind + at) * 2);
        const pending = own.reduce((sum, at) => sum + pendingSummary(replies[at + 1]).total, 0);
        const length = own.reduce((sum, at) => sum + count(replies[at]), 0);
        return [kind, { waiting: Math.max(0, length - pending), pending }];
      }),
    );
  }

  kinds(): Promise<readonly string[]> {
    return this.#run((redis) => redis.smembers(this.#keys.kinds));
  }

  async receiveResults({ partitions, max, blockMs, signal }: ReceiveBatches): Promise<readonly BatchDelivery[]> {
    const lanes = rotate(partitions, this.#turn).map(resultLane);
    const batches = await this.#results.read({
      lanes,
      steps: () => [{ from: 0, to: lanes.length, limit: max }],
      max,
      blockMs,
      signal,
      sort: this.#entryCodec.batches,
      surplus: 'keep',
    });
    if (batches.length > 0) this.#turn += 1;
    return batches;
  }

  async ackResults(receipts: readonly Receipt[]): Promise<void> {
    try {
      await remove(this.#connections, this.#keys, receipts);
      this.#results.release(receipts);
    } catch (error) {
      this.#results.doubt(receipts);
      throw error;
    }
  }

  async takeOverResults(
    partitions: readonly number[],
    isDead: (process: string) => boolean,
    max: number,
  ): Promise<readonly BatchDelivery[]> {
    const lanes = partitions.map(resultLane);
    const claiming = takeOver(this.#connections, this.#keys, lanes, { self: this.name, isDead, max });
    const completed = claiming.then((raw) => this.#payloads.complete(raw));
    // Claimed, perhaps, and not known here: the next read looks for it.
    completed.catch(() => {
      this.#results.doubtLanes(lanes);
    });
    const { deliveries, refused } = this.#entryCodec.batches(await completed);
    this.#results.hold(deliveries.map(({ receipt }) => receipt));
    await remove(this.#connections, this.#keys, refused);
    return deliveries;
  }

  async publish(channel: Channel, message: ControlMessage): Promise<void> {
    const name = channelName(channel);
    const frame = this.#codec.encodeControl(name, message);
    await this.#run((redis) => redis.publish(this.#keys.of(name), frame));
  }

  onControl(handler: (message: ControlMessage) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  async present(processes: readonly string[]): Promise<ReadonlySet<string>> {
    const present = new Set<string>();
    for (let from = 0; from < processes.length; from += MAX_NAMES) {
      const names = processes.slice(from, from + MAX_NAMES);
      const channels = names.map((name) => this.#keys.of(processChannel(name)));
      const reply = strings(await this.#run((redis) => redis.pubsub('NUMSUB', ...channels)));
      names.forEach((name, index) => {
        if (count(reply[index * 2 + 1]) > 0) present.add(name);
      });
    }
    return present;
  }

  async epoch(): Promise<string | undefined> {
    return (await this.#run((redis) => redis.get(this.#keys.epoch))) ?? undefined;
  }

  async beginEpoch(epoch: string): Promise<string> {
    const [, held] = await this.#run((redis) => exec(redis.multi().set(this.#keys.epoch, epoch, 'NX').get(this.#keys.epoch)));
    return typeof held === 'string' ? held : epoch;
  }

  evictionPolicy(): Promise<string> {
    return this.#run(evictionPolicyOf);
  }

  usage(): Promise<CarrierUsage> {
    return this.#run(usageOf);
  }

  #change(): Changes {
    return new Changes(this.#keys);
  }

  #run<T>(step: (redis: Redis) => Promise<T>): Promise<T> {
    return this.#connections.run(step);
  }

  #onMessage(channel: string, frame: string): void {
    const { messages, refusals } = this.#codec.decodeControl(channel, frame);
    for (const refusal of refusals) this.#options.onRefused?.(refusal);
    for (const message of messages) for (const handler of [...this.#handlers]) handler(message);
  }
}

const allResultLanes: readonly string[] = Array.from({ length: PARTITIONS }, (_, partition) => resultLane(partition));

/** A transport over Redis; call its `start()`. Throws CONFIG_INVALID for a bad URL or bad keys. */
export function createRedisTransport(options: RedisTransportOptions): Transport {
  return new RedisTransport(options);
}
