import { type BaseAgent, createWorker, type Worker } from '@mainstay/agent';
import { createLogger, createMetrics, type Metrics } from '@mainstay/observability';
import { createMemoryHub, type MemoryHub, type Transport } from '@mainstay/transport';
import { createEngine, type HostedEngine } from '../engine/create-engine.ts';
import type { EngineConfig, EngineOptions } from '../engine/engine-options.ts';
import type { Submission } from '../engine/engine.ts';
import { type RunState, FINAL_RUN_STATUSES } from '../pipeline/model.ts';
import { parseDefinition } from '../pipeline/parse-definition.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import type { Store } from '../store/store.ts';

const logger = createLogger({ service: 'test', level: 'silent' });

/** Short intervals, so that tests wait for little. */
export const QUICK: Partial<EngineConfig> = {
  presenceMs: 10,
  heartbeatMs: 20,
  dueMs: 20,
  slowMs: 30,
  graceMs: 60,
  absentMs: 30,
  leaseMs: 20_000,
  muteMs: 5_000,
  missingMs: 5_000,
};

export interface RunningWorker {
  readonly worker: Worker;
  readonly transport: Transport;
}

/** Real engines and real workers in one process, over the memory store and the memory hub. */
export class MemorySystem {
  readonly hub: MemoryHub = createMemoryHub();
  readonly store: Store;
  readonly engines = new Map<string, { readonly engine: HostedEngine; readonly transport: Transport; readonly metrics: Metrics }>();
  readonly workers = new Map<string, RunningWorker>();
  #count = 0;

  constructor(store: Store = createMemoryStore()) {
    this.store = store;
  }

  async engine(config: Partial<EngineConfig> = {}, store: Store = this.store, onDied?: EngineOptions['onDied']): Promise<HostedEngine> {
    const name = `orchestrator-${++this.#count}`;
    const transport = this.hub.connect({ name, side: 'orchestrator', onUp: () => engine.transportUp() });
    const metrics = createMetrics({ service: 'test', processMetrics: false });
    const engine: HostedEngine = createEngine({
      store,
      transport,
      logger,
      metrics,
      config: { ...QUICK, ...config },
      ...(onDied === undefined ? {} : { onDied }),
    });
    await transport.start();
    await engine.start();
    this.engines.set(name, { engine, transport, metrics });
    return engine;
  }

  async worker(agents: readonly BaseAgent[], capacity = 16): Promise<RunningWorker> {
    const name = `worker-${++this.#count}`;
    const transport = this.hub.connect({ name, side: 'worker' });
    await transport.start();
    const worker = createWorker({
      transport,
      agents,
      logger,
      capacity,
      heartbeatMs: 20,
      leaseMs: 20_000,
      reportMs: 10,
      graceMs: 50,
      abortGraceMs: 50,
    });
    await worker.start();
    const running = { worker, transport };
    this.workers.set(name, running);
    return running;
  }

  /** As if the process had been killed: nothing more is heard of it, and nothing is told to it. */
  async kill(name: string): Promise<void> {
    this.hub.kill(name);
    const worker = this.workers.get(name);
    const engine = this.engines.get(name);
    this.workers.delete(name);
    this.engines.delete(name);
    await worker?.worker.stop();
    await engine?.engine.stop();
  }

  async put(definition: unknown): Promise<string> {
    const parsed = parseDefinition(definition);
    await this.store.putPipeline('default', parsed);
    return parsed.name;
  }

  async submit(pipeline: string, input: Submission['input'] = {}, over: Partial<Submission> = {}): Promise<string> {
    const [first] = [...this.engines.values()];
    if (first === undefined) throw new Error('no engine runs');
    const { id } = await first.engine.submit({
      tenant: 'default',
      pipeline,
      input,
      correlationId: 'test',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      by: 'test',
      ...over,
    });
    return id;
  }

  async state(run: string): Promise<RunState> {
    const state = (await this.store.load([run])).get(run);
    if (state === undefined) throw new Error(`no run ${run}`);
    return state;
  }

  /** The state of the run once the condition holds for it. */
  async until(run: string, holds: (state: RunState) => boolean, withinMs = 20_000): Promise<RunState> {
    const end = Date.now() + withinMs;
    for (;;) {
      const state = await this.state(run);
      if (holds(state)) return state;
      if (Date.now() > end)
        throw new Error(`the run did not get there in ${withinMs} ms: ${JSON.stringify({ ...state, tasks: [...state.tasks] })}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  ended(run: string): Promise<RunState> {
    return this.until(run, ({ status }) => FINAL_RUN_STATUSES.has(status));
  }

  async close(): Promise<void> {
    for (const { worker, transport } of this.workers.values()) {
      await worker.stop();
      await transport.close();
    }
    for (const { engine, transport } of this.engines.values()) {
      await engine.stop();
      await transport.close();
    }
    await this.store.close();
  }
}
