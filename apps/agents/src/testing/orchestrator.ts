import { setTimeout as delay } from 'node:timers/promises';
import { PARTITIONS, type Transport } from '@mainstay/transport';
import type { Heartbeat, ResultMessage, TaskMessage, WorkerMessage } from '@mainstay/types';

const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition);
const PATIENCE_MS = 30_000;

/** The orchestrator's side of a transport, as far as tests of workers need it. */
export class TestOrchestrator {
  readonly messages: WorkerMessage[] = [];
  readonly heartbeats: Heartbeat[] = [];
  readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
    transport.onControl((message) => {
      if (message.type === 'heartbeat') this.heartbeats.push(message);
    });
  }

  async send(...tasks: readonly TaskMessage[]): Promise<void> {
    await this.transport.sendTasks(tasks);
  }

  /** Reads messages until one satisfies the condition; a carrier that is away is waited for. */
  async message(condition: (message: WorkerMessage) => boolean): Promise<WorkerMessage> {
    return this.until(() => this.messages.find(condition));
  }

  async resultOf({ run, task, fence }: TaskMessage): Promise<ResultMessage> {
    const found = await this.message(
      (message) => message.type === 'result' && message.run === run && message.task === task && message.fence === fence,
    );
    if (found.type !== 'result') throw new Error('unreachable: the condition asks for a result');
    return found;
  }

  /** Looks again after every read until something is found. */
  async until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
    const end = performance.now() + PATIENCE_MS;
    while (performance.now() < end) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      await this.#read().catch(() => delay(50));
    }
    throw new Error(`nothing came in ${PATIENCE_MS} ms; messages: ${JSON.stringify(this.messages)}`);
  }

  async #read(): Promise<void> {
    const batches = await this.transport.receiveResults({
      partitions: ALL,
      max: 100,
      blockMs: 50,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    for (const { messages } of batches) this.messages.push(...messages);
    await this.transport.ackResults(batches.map(({ receipt }) => receipt));
  }
}
