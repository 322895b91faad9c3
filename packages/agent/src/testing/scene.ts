import { type ControlMessage, type Heartbeat, type ResultMessage, type TaskMessage, type WorkerMessage } from '@mainstay/types';
import { createMemoryHub, type MemoryHub, PARTITIONS, type Transport } from '@mainstay/transport';
import { FakeClock } from '@mainstay/utils/testing';
import type { BaseAgent } from '../base-agent.ts';
import type { WorkerLogger, WorkerOptions } from '../worker/worker-options.ts';
import { createWorker, type Worker } from '../worker/worker.ts';
import { task } from './task.ts';

const nothing = () => undefined;
const quiet: WorkerLogger = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => quiet };
const ALL_PARTITIONS = Array.from({ length: PARTITIONS }, (_, partition) => partition);

export interface SceneOptions extends Partial<Omit<WorkerOptions, 'transport' | 'agents' | 'clock'>> {
  readonly maxMessageBytes?: number;
}

/** A worker on a memory transport with a clock that stands still, seen from the orchestrator's side. */
export class Scene {
  readonly clock = new FakeClock();
  readonly hub: MemoryHub;
  readonly orchestrator: Transport;
  readonly transport: Transport;
  readonly worker: Worker;
  readonly heartbeats: Heartbeat[] = [];
  readonly messages: WorkerMessage[] = [];
  /** Sizes of the batches in which the messages came. */
  readonly batches: number[] = [];
  readonly task = task;

  constructor(agents: readonly BaseAgent[], { maxMessageBytes, ...options }: SceneOptions = {}) {
    const { clock } = this;
    this.hub = createMemoryHub({ clock, ...(maxMessageBytes === undefined ? {} : { maxMessageBytes }) });
    this.orchestrator = this.hub.connect({ name: 'orchestrator-1', side: 'orchestrator' });
    this.transport = this.hub.connect({ name: 'worker-1', side: 'worker' });
    this.orchestrator.onControl((message) => {
      if (message.type === 'heartbeat') this.heartbeats.push(message);
    });
    this.worker = createWorker({ transport: this.transport, agents, logger: quiet, clock, ...options });
  }

  async start(): Promise<this> {
    await this.orchestrator.start();
    await this.transport.start();
    await this.worker.start();
    return this;
  }

  async close(): Promise<void> {
    await this.worker.stop();
    await this.transport.close();
    await this.orchestrator.close();
  }

  async send(...tasks: readonly TaskMessage[]): Promise<void> {
    await this.orchestrator.sendTasks(tasks);
    await this.advance(0);
  }

  /** Sends a task and waits for its result. */
  async outcomeOf(agent: string, input: TaskMessage['input'], more: Partial<TaskMessage> = {}): Promise<ResultMessage['outcome']> {
    const task = this.task(agent, input, more);
    await this.send(task);
    return (await this.resultOf(task)).outcome;
  }

  async resultOf({ run, task, fence }: Pick<TaskMessage, 'run' | 'task' | 'fence'>): Promise<ResultMessage> {
    const find = () => this.results().find((result) => result.run === run && result.task === task && result.fence === fence);
    await this.until(() => find() !== undefined);
    const found = find();
    if (found === undefined) throw new Error('no result');
    return found;
  }

  results(): readonly ResultMessage[] {
    return this.messages.filter((message) => message.type === 'result');
  }

  reports() {
    return this.messages.filter((message) => message.type === 'report');
  }

  async tell(message: ControlMessage): Promise<void> {
    await this.orchestrator.publish({ process: 'worker-1' }, message);
    await this.advance(0);
  }

  /** Moves the time on and reads what the worker has sent by then. */
  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    // one more turn of the event loop each for the outbox and for what follows from it
    for (let turn = 0; turn < 3; turn++) await this.clock.advance(0);
    if (!this.orchestrator.up) return;
    const signal = new AbortController().signal;
    const batches = await this.orchestrator.receiveResults({ partitions: ALL_PARTITIONS, max: 1_000, blockMs: 0, signal });
    await this.orchestrator.ackResults(batches.map(({ receipt }) => receipt));
    for (const { messages } of batches) {
      this.batches.push(messages.length);
      this.messages.push(...messages);
    }
  }

  /** Lets things happen, without moving the time, until the condition holds. */
  async until(condition: () => boolean): Promise<void> {
    for (let turn = 0; turn < 200; turn++) {
      if (condition()) return;
      await this.advance(0);
    }
    throw new Error(`the condition did not come true: ${condition.toString()}`);
  }

  /** Tasks that the worker has read and not acknowledged. */
  async pending(...kinds: readonly string[]): Promise<number> {
    const depths = await this.orchestrator.depths(kinds);
    return [...depths.values()].reduce((sum, { pending }) => sum + pending, 0);
  }
}

/** Opens a scene for a test and closes it afterwards. */
export async function withScene(agents: readonly BaseAgent[], options: SceneOptions, act: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = await new Scene(agents, options).start();
  try {
    await act(scene);
  } finally {
    await scene.close();
  }
}
