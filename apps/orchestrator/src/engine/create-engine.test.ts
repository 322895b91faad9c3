import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { DependencyError, MESSAGE_VERSION } from '@mainstay/types';
import type { Store } from '../store/store.ts';
import { MemorySystem } from '../testing/memory-system.ts';
import type { HostedEngine } from './hosted-engine.ts';
import { Asker, Flaky, Gate, Noop } from '../testing/test-agents.ts';

jest.setTimeout(60_000);

let system: MemorySystem;

beforeEach(() => {
  system = new MemorySystem();
});
afterEach(() => system.close());

const chain = (length: number, agent = 'noop') => ({
  name: 'chain',
  stages: Array.from({ length }, (_, i) => ({ id: `s${i}`, agent, ...(i > 0 ? { needs: [`s${i - 1}`] } : {}) })),
});

/** A worker that is present, takes one task, and does nothing more. `beat`: its last sign of life. */
async function hangingWorker(name: string) {
  const transport = system.hub.connect({ name, side: 'worker' });
  await transport.start();
  const taken = transport.receiveTasks({ kinds: ['gate'], max: 1, blockMs: 20_000, signal: new AbortController().signal });
  const beat = { startedAt: 1, capacity: 1, kinds: ['gate'], running: [], draining: false, host: 'h', pid: 1, rssBytes: 0, version: '1' };
  return { taken, beat: () => transport.publish('orchestrators', { v: MESSAGE_VERSION, type: 'heartbeat', worker: name, ...beat }) };
}

/** A worker that does what others left. */
async function rescuer(): Promise<void> {
  const gate = new Gate();
  gate.open();
  await system.worker([gate]);
}

describe('the engine', () => {
  test('takes a run through a chain of stages, and every event is numbered', async () => {
    await system.engine();
    await system.worker([new Noop()]);
    await system.put(chain(5));
    const run = await system.submit('chain', { text: 'hello' });
    const state = await system.ended(run);
    expect(state.status).toBe('succeeded');
    expect(state.output).toEqual({ s4: { text: 'hello' } });
    const events = (await system.store.events('default', run, 0, 500)) ?? [];
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    expect(events.at(-1)?.type).toBe('run.succeeded');
  });

  test('takes many runs at once through a fan', async () => {
    await system.engine();
    await system.worker([new Noop()]);
    const middle = Array.from({ length: 10 }, (_, i) => `m${i}`);
    await system.put({
      name: 'fan',
      stages: [
        { id: 'first', agent: 'noop' },
        ...middle.map((id) => ({ id, agent: 'noop', needs: ['first'] })),
        { id: 'last', agent: 'noop', needs: middle },
      ],
    });
    const runs = await Promise.all(Array.from({ length: 50 }, (_, i) => system.submit('fan', { i })));
    const states = await Promise.all(runs.map((run) => system.ended(run)));
    expect(new Set(states.map(({ status }) => status))).toEqual(new Set(['succeeded']));
    expect(states.map(({ output }) => output)).toEqual(runs.map((_, i) => ({ last: { i } })));
  });

  test('retries at the due time without anybody calling', async () => {
    await system.engine({ dueMs: 60_000 });
    await system.worker([new Flaky()]);
    await system.put({ name: 'p', stages: [{ id: 'a', agent: 'flaky', retry: { baseMs: 10, jitter: 'none' } }] });
    const state = await system.ended(await system.submit('p', { times: 2 }));
    expect([state.status, state.output]).toEqual(['succeeded', { a: { attempt: 3 } }]);
  });

  test('a question waits for its answer, and answering it twice is refused with the answer', async () => {
    const engine = await system.engine();
    await system.worker([new Asker()]);
    await system.put({ name: 'p', stages: [{ id: 'a', agent: 'asker' }] });
    const run = await system.submit('p', { question: 'Shall we?' });
    const waiting = await system.until(run, ({ status }) => status === 'waiting');
    const [decision] = [...waiting.decisions.keys()];
    const answer = { type: 'answer', decision: decision ?? '', answer: 'yes', by: 'anna' } as const;
    await engine.act('default', run, answer);
    expect((await system.ended(run)).output).toEqual({ a: { answer: 'yes' } });
    await expect(engine.act('default', run, answer)).rejects.toMatchObject({ code: 'DECISION_ALREADY_MADE', details: { answer: 'yes' } });
    await expect(engine.act('default', run, { ...answer, decision: run })).rejects.toMatchObject({ code: 'DECISION_NOT_FOUND' });
  });

  test('a foreign tenant and an unknown run are the same', async () => {
    const engine = await system.engine();
    await system.put(chain(1));
    const run = await system.submit('chain');
    const cancel = { type: 'cancel', by: 'x' } as const;
    await expect(engine.act('other', run, cancel)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    await expect(engine.act('default', 'nonsense', cancel)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });

  test('tells by an event that a run is stalled, once among all orchestrators, and goes on with it', async () => {
    const watchful = { stalledMs: 50, watchdogMs: 20, missingMs: 60_000 };
    const first = await system.engine(watchful);
    await system.put(chain(2));
    const run = await system.submit('chain');
    const told = async () => ((await system.store.events('default', run, 0, 500)) ?? []).filter(({ type }) => type === 'run.stalled');
    await system.until(run, ({ seq }) => seq > 3);
    // several looks of this one and of one that begins later
    const second = await system.engine(watchful);
    await system.until(run, () => first.stalledRuns().silent === 1 && second.stalledRuns().silent === 1);
    await system.kill(first.name);
    await new Promise((resolve) => setTimeout(resolve, 150));
    const [stall, ...more] = await told();
    expect(stall?.data).toEqual({ reason: 'silent', since: expect.any(Number), lastEventAt: stall?.data?.['since'] });
    expect(more).toEqual([]);
    await system.worker([new Noop()]);
    expect((await system.ended(run)).status).toBe('succeeded');
    await system.until(run, () => second.stalledRuns().silent === 0);
    expect(await told()).toHaveLength(1);
  });

  test('cancels running work', async () => {
    const engine = await system.engine();
    const gate = new Gate();
    await system.worker([gate]);
    await system.put(chain(1, 'gate'));
    const run = await system.submit('chain');
    await system.until(run, () => gate.began.length === 1);
    await system.until(run, ({ tasks }) => tasks.get('s0')?.status === 'running');
    await engine.act('default', run, { type: 'cancel', by: 'anna' });
    expect((await system.ended(run)).status).toBe('cancelled');
    await expect(engine.act('default', run, { type: 'cancel', by: 'anna' })).rejects.toMatchObject({ code: 'RUN_STATE_CONFLICT' });
  });

  test('a run for a kind that no worker offers waits, and says for what and since when', async () => {
    const engine = await system.engine();
    await system.put(chain(1));
    const run = await system.submit('chain');
    await system.until(run, () => engine.missingKinds().length > 0);
    expect(engine.missingKinds()).toMatchObject([{ agent: 'noop', waiting: 1 }]);
    await system.worker([new Noop()]);
    expect((await system.ended(run)).status).toBe('succeeded');
  });

  test('no more runs of a pipeline are active than it allows, and all of them end', async () => {
    await system.engine();
    const gate = new Gate();
    await system.worker([gate, new Noop()]);
    await system.put({ ...chain(1, 'gate'), concurrency: 3 });
    const runs = await Promise.all(Array.from({ length: 10 }, () => system.submit('chain')));
    await system.until(runs[0] ?? '', () => gate.began.length === 3);
    const statuses = await Promise.all(runs.map(async (run) => (await system.state(run)).status));
    expect(statuses.filter((status) => status === 'queued')).toHaveLength(7);
    gate.open();
    for (const run of runs) expect((await system.ended(run)).status).toBe('succeeded');
    expect(new Set(gate.began).size).toBe(10);
  });

  test('a limited pipeline cannot starve another one', async () => {
    await system.engine();
    const gate = new Gate();
    await system.worker([gate, new Noop()], 4);
    await system.put({ ...chain(1, 'gate'), name: 'hog', concurrency: 2 });
    await system.put(chain(3));
    const hogs = await Promise.all(Array.from({ length: 40 }, () => system.submit('hog')));
    expect((await system.ended(await system.submit('chain'))).status).toBe('succeeded');
    expect(gate.began.length).toBeLessThanOrEqual(2);
    gate.open();
    await Promise.all(hogs.map((run) => system.ended(run)));
  });

  test('higher priorities overtake', async () => {
    await system.engine();
    await system.put(chain(1));
    const low = await Promise.all(Array.from({ length: 30 }, () => system.submit('chain', {}, { priority: -10 })));
    const high = await system.submit('chain', {}, { priority: 10 });
    await system.worker([new Noop()], 1);
    const finishedHigh = (await system.ended(high)).finishedAt ?? Infinity;
    const finishedLow = await Promise.all(low.map(async (run) => (await system.ended(run)).finishedAt ?? 0));
    expect(finishedLow.filter((at) => at < finishedHigh).length).toBeLessThan(15);
  });
});

describe('the engine under faults', () => {
  test('the tasks of a killed worker go to another one', async () => {
    await system.engine();
    const first = new Gate();
    const killed = await system.worker([first]);
    await system.put(chain(1, 'gate'));
    const runs = await Promise.all(Array.from({ length: 5 }, () => system.submit('chain')));
    await system.until(runs[0] ?? '', () => first.began.length === 5);
    await system.kill(killed.transport.name);
    const second = new Gate();
    second.open();
    await system.worker([second]);
    for (const run of runs) {
      const state = await system.ended(run);
      expect([state.status, state.tasks.get('s0')?.losses]).toEqual(['succeeded', 1]);
    }
  });

  test('a worker that died while no orchestrator watched is found', async () => {
    const engine = await system.engine();
    const first = new Gate();
    const killed = await system.worker([first]);
    await system.put(chain(1, 'gate'));
    const run = await system.submit('chain');
    await system.until(run, () => first.began.length === 1);
    await system.kill(engine.name);
    await system.kill(killed.transport.name);
    await system.engine();
    const second = new Gate();
    second.open();
    await system.worker([second]);
    expect((await system.ended(run)).status).toBe('succeeded');
  });

  test('a worker that hung already when the orchestrator came loses its tasks after its lease', async () => {
    const hung = await hangingWorker('worker-hung');
    await system.engine({ leaseMs: 200 });
    await system.put(chain(1, 'gate'));
    const run = await system.submit('chain');
    await hung.taken;
    await rescuer();
    const { status, tasks } = await system.ended(run);
    expect([status, tasks.get('s0')?.losses]).toEqual(['succeeded', 1]);
  });

  test('an orchestrator knows whether another one could take what comes', async () => {
    const first = await system.engine();
    expect(first.alone).toBe(true);
    const second = await system.engine();
    const end = Date.now() + 10_000;
    while ((first.alone || second.alone) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
    expect([first.alone, second.alone]).toEqual([false, false]);
  });

  test.each([
    ['', () => undefined],
    [', and when the connection breaks meanwhile', (engine: HostedEngine) => engine.transportUp()],
  ])('workers that hang lose their tasks, also those left to an orchestrator that never heard of them%s', async (_when, meanwhile) => {
    const first = await system.engine({ leaseMs: 1_000, slowMs: 60_000 }); // Half of it is a pause that this process can do without.
    const hung = await Promise.all(Array.from({ length: 6 }, (_, index) => hangingWorker(`worker-hung-${index}`)));
    await system.put(chain(1, 'gate'));
    const runs = await Promise.all(hung.map(() => system.submit('chain')));
    await Promise.all(hung.map(({ taken }) => taken));
    await Promise.all(hung.map(({ beat }) => beat()));
    await system.until(runs[0] ?? '', () => first.workers().length === 6);
    await system.engine({ leaseMs: 60_000, slowMs: 60_000 });
    await system.until(runs[0] ?? '', () => first.workers().length === 0);
    meanwhile(first);
    await rescuer();
    for (const run of runs) expect((await system.ended(run)).tasks.get('s0')).toMatchObject({ status: 'succeeded', losses: 1 });
  });

  test('a transport that lost everything is filled again', async () => {
    await system.engine();
    await system.put(chain(3));
    const runs = await Promise.all(Array.from({ length: 20 }, () => system.submit('chain')));
    system.hub.wipe();
    await system.worker([new Noop()]);
    for (const run of runs) expect((await system.ended(run)).status).toBe('succeeded');
  });

  test('work of live workers goes on when the transport loses everything', async () => {
    await system.engine();
    const gate = new Gate();
    await system.worker([gate]);
    await system.put(chain(1, 'gate'));
    const run = await system.submit('chain');
    await system.until(run, ({ tasks }) => tasks.get('s0')?.status === 'running');
    system.hub.wipe();
    await new Promise((resolve) => setTimeout(resolve, 300));
    gate.open();
    expect((await system.ended(run)).status).toBe('succeeded');
    expect(gate.began).toHaveLength(1);
  });

  test('a broken connection heals, and what could not be sent is sent anew', async () => {
    const engine = await system.engine();
    await system.put(chain(3));
    await system.worker([new Noop()]);
    system.hub.disconnect(engine.name);
    const run = await system.submit('chain');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await system.state(run)).status).toBe('running');
    system.hub.reconnect(engine.name);
    expect((await system.ended(run)).status).toBe('succeeded');
  });

  test('two orchestrators share the work, and either can die', async () => {
    const first = await system.engine();
    await system.engine();
    await system.worker([new Noop()]);
    await system.put(chain(4));
    const before = await Promise.all(Array.from({ length: 30 }, () => system.submit('chain')));
    await Promise.all(before.slice(0, 10).map((run) => system.ended(run)));
    await system.kill(first.name);
    const after = await Promise.all(Array.from({ length: 10 }, () => system.submit('chain')));
    for (const run of [...before, ...after]) expect((await system.ended(run)).status).toBe('succeeded');
  });

  test('stops while the store is away, whatever waits for it, and the next one goes on', async () => {
    let away = false;
    const store: Store = {
      ...system.store,
      commit: (changes, mark) =>
        away ? Promise.reject(new DependencyError('POSTGRES_UNAVAILABLE', 'away')) : system.store.commit(changes, mark),
    };
    const first = await system.engine({}, store);
    const gate = new Gate();
    const { transport } = await system.worker([gate]);
    await system.put(chain(1, 'gate'));
    const run = await system.submit('chain');
    await system.until(run, () => gate.began.length === 1);
    await system.until(run, ({ tasks }) => tasks.get('s0')?.status === 'running');
    away = true;
    await system.kill(transport.name); // The reclaimer now waits for the store to take the loss.
    await new Promise((resolve) => setTimeout(resolve, 200));
    await system.kill(first.name);
    await system.engine();
    const second = new Gate();
    second.open();
    await system.worker([second]);
    expect((await system.ended(run)).status).toBe('succeeded');
  });

  test('stops in the middle of taking tasks back, and the next one takes them', async () => {
    let away = false;
    const store: Store = {
      ...system.store,
      commit: (changes, mark) =>
        away ? Promise.reject(new DependencyError('POSTGRES_UNAVAILABLE', 'away')) : system.store.commit(changes, mark),
    };
    const first = await system.engine({}, store);
    const gate = new Gate();
    const { transport } = await system.worker([gate]);
    await system.put(chain(1, 'gate'));
    const run = await system.submit('chain');
    await system.until(run, ({ tasks }) => tasks.get('s0')?.status === 'running');
    away = true;
    await system.kill(transport.name);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await first.stop(); // In order: it still reaches the transport.
    await system.kill(first.name);
    await system.engine({ missingMs: 600_000 });
    const second = new Gate();
    second.open();
    await system.worker([second]);
    expect((await system.ended(run)).status).toBe('succeeded');
  });

  test('a task that its worker had begun is found when the lanes have forgotten it and the worker dies', async () => {
    await system.engine({ missingMs: 100 });
    const { transport } = await system.worker([new Gate()]);
    await system.put(chain(1, 'gate'));
    const run = await system.submit('chain');
    await system.until(run, ({ tasks }) => tasks.get('s0')?.status === 'running');
    const other = system.hub.connect({ name: 'fail-over', side: 'worker' });
    await other.start();
    const pending = await other.pendingTasksOf(transport.name, ['gate']);
    await other.dropTasks(pending.map(({ receipt }) => receipt));
    await system.kill(transport.name);
    const second = new Gate();
    second.open();
    await system.worker([second]);
    expect((await system.ended(run)).status).toBe('succeeded');
    expect(pending).toHaveLength(1);
    await other.close();
  });

  test('as the last orchestrator it asks a store that fails again, until the deadline', async () => {
    let failures = 2;
    const store: Store = {
      ...system.store,
      active: (after, limit) =>
        failures-- > 0 ? Promise.reject(new DependencyError('POSTGRES_UNAVAILABLE', 'away')) : system.store.active(after, limit),
    };
    const first = await system.engine({}, store);
    await system.put(chain(1));
    const run = await system.submit('chain');
    await first.drain(AbortSignal.timeout(10_000));
    expect((await system.state(run)).status).toBe('suspended');
    await system.kill(first.name);
    failures = Infinity;
    const second = await system.engine({}, store);
    await system.until(run, ({ status }) => status === 'running');
    await second.drain(AbortSignal.timeout(300));
    expect((await system.state(run)).status).toBe('running');
    await system.kill(second.name);
    await system.engine();
    await system.worker([new Noop()]);
    expect((await system.ended(run)).status).toBe('succeeded');
  });

  test('as the last orchestrator it suspends what it cannot end, and the next one goes on', async () => {
    const first = await system.engine({ heartbeatMs: 500 });
    const gate = new Gate();
    const { worker } = await system.worker([gate]);
    await system.put(chain(2, 'gate'));
    const runs = await Promise.all(Array.from({ length: 5 }, () => system.submit('chain')));
    await system.until(runs[0] ?? '', () => gate.began.length === 5);
    await Promise.all([worker.drain(AbortSignal.timeout(50)), first.drain(AbortSignal.timeout(10_000))]);
    for (const run of runs) {
      const state = await system.state(run);
      expect([state.status, state.tasks.get('s0')?.status, state.tasks.get('s0')?.attempt]).toEqual(['suspended', 'ready', 0]);
    }
    await expect(system.submit('chain')).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await system.kill(first.name);
    await system.engine();
    const second = new Gate();
    second.open();
    await system.worker([second]);
    for (const run of runs) expect((await system.ended(run)).status).toBe('succeeded');
  });
});
