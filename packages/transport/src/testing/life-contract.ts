import { describe, expect, test } from '@jest/globals';
import type { ControlMessage } from '@mainstay/types';
import { type CarrierForTests, eventually } from './carrier.ts';
import { helloMessage, resultMessage, taskMessage } from './messages.ts';
import { allPartitions, idsOf, never, play, takeResults, takeTasks } from './scene.ts';

export function lifeContract(create: () => Promise<CarrierForTests>): void {
  describe('control messages', () => {
    test('reach the side or the process they are for, and nobody else', () =>
      play(create, async ({ orchestrator, worker, join }) => {
        const second = await join({ name: 'worker-2', side: 'worker' });
        const heard = new Map<string, string[]>();
        for (const transport of [orchestrator, worker, second]) {
          heard.set(transport.name, []);
          transport.onControl((message) => heard.get(transport.name)?.push('from' in message ? message.from : message.type));
        }
        await orchestrator.publish('workers', helloMessage('to workers'));
        await worker.publish('orchestrators', helloMessage('to orchestrators'));
        await orchestrator.publish({ process: 'worker-2' }, helloMessage('to worker-2'));
        await orchestrator.publish({ process: 'nobody' }, helloMessage('to nobody'));
        await eventually('all arrive', () => [...heard.values()].flat().length >= 4);
        expect(Object.fromEntries(heard)).toEqual({
          'orchestrator-1': ['to orchestrators'],
          'worker-1': ['to workers'],
          'worker-2': ['to workers', 'to worker-2'],
        });
      }));

    test('no longer reach a handler that was taken away', () =>
      play(create, async ({ orchestrator, worker }) => {
        const [gone, stays]: [ControlMessage[], ControlMessage[]] = [[], []];
        const stop = worker.onControl((message) => gone.push(message));
        worker.onControl((message) => stays.push(message));
        stop();
        await orchestrator.publish('workers', helloMessage('o'));
        await eventually('it arrives', () => stays.length === 1);
        expect(gone).toEqual([]);
      }));
  });

  describe('presence', () => {
    test('holds from start to close, and ends with a killed process', () =>
      play(create, async ({ carrier, orchestrator, join }) => {
        const leaving = await join({ name: 'leaving', side: 'worker' });
        await join({ name: 'doomed', side: 'worker' });
        const known = ['leaving', 'doomed', 'worker-1', 'unknown'];
        expect(await orchestrator.present(known)).toEqual(new Set(['leaving', 'doomed', 'worker-1']));
        await leaving.close();
        await carrier.kill('doomed');
        await eventually('both are absent', async () => (await orchestrator.present(known)).size === 1);
        expect(await orchestrator.present([])).toEqual(new Set());
      }));
  });

  describe('the epoch', () => {
    test('is set by the first and kept by the others', () =>
      play(create, async ({ orchestrator, worker }) => {
        expect(await orchestrator.epoch()).toBeUndefined();
        expect(await orchestrator.beginEpoch('e1')).toBe('e1');
        expect(await worker.beginEpoch('e2')).toBe('e1');
        expect(await worker.epoch()).toBe('e1');
      }));

    test('is gone with everything else when the carrier is wiped, and work goes on', () =>
      play(create, async ({ carrier, orchestrator, worker }) => {
        await orchestrator.beginEpoch('e1');
        await orchestrator.sendTasks([taskMessage(), taskMessage()]);
        const [old] = await takeTasks(worker, 1);
        await carrier.wipe();
        expect(await orchestrator.epoch()).toBeUndefined();
        expect(await takeTasks(worker)).toEqual([]);
        expect(await orchestrator.kinds()).toEqual([]);
        expect(await orchestrator.pendingTasksOf('worker-1', ['writer'])).toEqual([]);
        const [task, result] = [taskMessage(), resultMessage()];
        await orchestrator.sendTasks([task]);
        await worker.sendResults([result], old === undefined ? [] : [old.receipt]);
        expect(idsOf(await takeTasks(worker))).toEqual([task.id]);
        expect((await takeResults(orchestrator)).flatMap(({ messages }) => messages)).toEqual([result]);
        expect(await orchestrator.beginEpoch('e2')).toBe('e2');
      }));

    test('may go while others wait for work, which arrives all the same', () =>
      play(create, async ({ carrier, orchestrator, worker }) => {
        const tasks = worker.receiveTasks({ kinds: ['writer'], max: 1, blockMs: 30_000, signal: never });
        const results = orchestrator.receiveResults({ partitions: allPartitions, max: 1, blockMs: 30_000, signal: never });
        await carrier.wipe();
        const [task, result] = [taskMessage(), resultMessage()];
        await orchestrator.sendTasks([task]);
        await worker.sendResults([result], []);
        expect(idsOf(await tasks)).toEqual([task.id]);
        expect((await results).flatMap(({ messages }) => messages)).toEqual([result]);
      }));
  });

  describe('waiting', () => {
    test('ends when it is aborted, and loses nothing', () =>
      play(create, async ({ orchestrator, worker }) => {
        for (let round = 0; round < 5; round++) {
          const stop = new AbortController();
          const waiting = worker.receiveTasks({ kinds: ['writer'], max: 1, blockMs: 600_000, signal: stop.signal });
          const results = orchestrator.receiveResults({ partitions: allPartitions, max: 1, blockMs: 600_000, signal: stop.signal });
          if (round > 0) await new Promise((resolve) => setTimeout(resolve, round * 5));
          stop.abort();
          expect(await waiting).toEqual([]);
          expect(await results).toEqual([]);
        }
        const task = taskMessage();
        const waiting = worker.receiveTasks({ kinds: ['writer'], max: 1, blockMs: 30_000, signal: never });
        await new Promise((resolve) => setTimeout(resolve, 50));
        await orchestrator.sendTasks([task]);
        expect(idsOf(await waiting)).toEqual([task.id]);
      }));

    test('does not begin when it is aborted before', () =>
      play(create, async ({ orchestrator, worker }) => {
        await orchestrator.sendTasks([taskMessage()]);
        expect(await worker.receiveTasks({ kinds: ['writer'], max: 1, blockMs: 600_000, signal: AbortSignal.abort() })).toEqual([]);
        expect(await takeTasks(worker)).toHaveLength(1);
      }));

    test('ends with a rejection when the transport is closed', () =>
      play(create, async ({ worker }) => {
        const waiting = worker.receiveTasks({ kinds: ['writer'], max: 1, blockMs: 600_000, signal: never });
        const outcome = expect(waiting).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
        await new Promise((resolve) => setTimeout(resolve, 20));
        await worker.close();
        await outcome;
      }));
  });

  describe('a transport', () => {
    test('is up between start and close; before and after, its calls reject', () =>
      play(create, async ({ carrier }) => {
        const seen: string[] = [];
        const transport = carrier.connect({ name: 'x', side: 'worker', onUp: () => seen.push('up'), onDown: () => seen.push('down') });
        expect(transport.up).toBe(false);
        await expect(transport.epoch()).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
        await transport.start();
        expect(transport.up).toBe(true);
        await transport.ping(never);
        expect(await transport.evictionPolicy()).toBe('noeviction');
        expect(await transport.usage()).toMatchObject({ limitBytes: 0, evictedKeys: 0 });
        expect((await transport.usage()).clients).toBeGreaterThan(0);
        await transport.close();
        await transport.close();
        expect(transport.up).toBe(false);
        await expect(transport.sendTasks([taskMessage()])).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
        await expect(takeTasks(transport)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
        await expect(transport.start()).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
        expect(seen).toEqual(['up']);
      }));

    test('does nothing for nothing', () =>
      play(create, async ({ worker, orchestrator }) => {
        await worker.sendTasks([]);
        await worker.sendResults([], []);
        await worker.dropTasks([]);
        await orchestrator.ackResults([]);
        expect(await orchestrator.depths([])).toEqual(new Map());
        expect(await orchestrator.readers([])).toEqual([]);
        expect(await takeTasks(worker, 0)).toEqual([]);
        expect(await takeTasks(worker, 5, [])).toEqual([]);
        expect(await orchestrator.pendingTasksOf('worker-1', [])).toEqual([]);
        expect(await orchestrator.takeOverResults([], () => true, 5)).toEqual([]);
      }));
  });
}
