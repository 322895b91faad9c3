import { describe, expect, test } from '@jest/globals';
import type { CarrierForTests } from './carrier.ts';
import { resultMessage, taskMessage } from './messages.ts';
import { idsOf, never, play, takeResults, takeTasks } from './scene.ts';

export function tasksContract(create: () => Promise<CarrierForTests>): void {
  describe('tasks', () => {
    test('arrive as they were sent, once, in the order in which they were sent', () =>
      play(create, async ({ orchestrator, worker }) => {
        const sent = [taskMessage({ input: { deep: [1, { ä: '\u2028"\ud83d\ude00' }] } }), taskMessage(), taskMessage()];
        await orchestrator.sendTasks(sent);
        expect((await takeTasks(worker)).map(({ message }) => message)).toEqual(sent);
        expect(await takeTasks(worker)).toEqual([]);
      }));

    test('of a higher priority come first', () =>
      play(create, async ({ orchestrator, worker }) => {
        const [low, normal, high] = [
          taskMessage({ priority: 'low' }),
          taskMessage({ priority: 'normal' }),
          taskMessage({ priority: 'high' }),
        ];
        await orchestrator.sendTasks([low, normal, high]);
        expect(idsOf(await takeTasks(worker))).toEqual([high.id, normal.id, low.id]);
      }));

    test('of low priority are read although there is no end of urgent ones', () =>
      play(create, async ({ orchestrator, worker }) => {
        const low = taskMessage({ priority: 'low' });
        const normal = taskMessage({ priority: 'normal' });
        await orchestrator.sendTasks([low, normal, ...Array.from({ length: 40 }, () => taskMessage({ priority: 'high' }))]);
        const read: string[] = [];
        for (let i = 0; i < 20; i++) read.push(...idsOf(await takeTasks(worker, 1)));
        expect(read).toContain(low.id);
        expect(read).toContain(normal.id);
        expect(read.indexOf(normal.id)).toBeLessThan(read.indexOf(low.id));
      }));

    test('of all kinds are read in turn', () =>
      play(create, async ({ orchestrator, worker }) => {
        const kinds = ['a', 'b', 'c'];
        await orchestrator.sendTasks(kinds.flatMap((agent) => Array.from({ length: 5 }, () => taskMessage({ agent }))));
        const read: string[] = [];
        for (let i = 0; i < 3; i++) read.push(...(await takeTasks(worker, 1, kinds)).map(({ message }) => message.agent));
        expect(read.toSorted()).toEqual(kinds);
      }));

    test('are never more than were asked for, over all kinds and priorities', () =>
      play(create, async ({ orchestrator, worker }) => {
        const kinds = ['a', 'b', 'c:d'];
        const tasks = kinds.flatMap((agent) => (['high', 'normal', 'low'] as const).map((priority) => taskMessage({ agent, priority })));
        await orchestrator.sendTasks(tasks);
        const sizes: number[] = [];
        for (let i = 0; i < 4; i++) sizes.push((await takeTasks(worker, 4, kinds)).length);
        expect(sizes).toEqual([4, 4, 1, 0]);
      }));

    test('of lower classes than are asked for stay', () =>
      play(create, async ({ orchestrator, worker }) => {
        const read = async (least: 'high' | 'normal' | 'low') => {
          const taken = await worker.receiveTasks({ kinds: ['writer'], max: 1, blockMs: 20, signal: never, least });
          return taken.map(({ message }) => message.priority);
        };
        await orchestrator.sendTasks((['low', 'low', 'normal', 'high', 'high'] as const).map((priority) => taskMessage({ priority })));
        expect([await read('high'), await read('high'), await read('high')]).toEqual([['high'], ['high'], []]);
        expect([await read('normal'), await read('normal')]).toEqual([['normal'], []]);
        expect([await read('low'), await read('low')]).toEqual([['low'], ['low']]);
      }));

    test('of kinds that the worker does not offer stay', () =>
      play(create, async ({ orchestrator, worker }) => {
        await orchestrator.sendTasks([taskMessage({ agent: 'other' })]);
        expect(await takeTasks(worker)).toEqual([]);
        expect(await orchestrator.depths(['other', 'nobody'])).toEqual(
          new Map([
            ['other', { waiting: 1, pending: 0 }],
            ['nobody', { waiting: 0, pending: 0 }],
          ]),
        );
        expect(await orchestrator.kinds()).toEqual(['other']);
      }));

    test('go to one worker only', () =>
      play(create, async ({ orchestrator, worker, join }) => {
        const second = await join({ name: 'worker-2', side: 'worker' });
        await orchestrator.sendTasks(Array.from({ length: 20 }, () => taskMessage()));
        const read = await Promise.all([takeTasks(worker, 10), takeTasks(second, 10), takeTasks(worker, 10)]);
        expect(new Set(read.flatMap(idsOf)).size).toBe(20);
      }));

    test('wake a worker that waits for them', () =>
      play(create, async ({ orchestrator, worker }) => {
        const waiting = worker.receiveTasks({ kinds: ['writer', 'idle'], max: 3, blockMs: 30_000, signal: never });
        const task = taskMessage({ priority: 'low' });
        await orchestrator.sendTasks([task]);
        expect(idsOf(await waiting)).toEqual([task.id]);
      }));

    test('that do not come in time leave the worker with nothing', () =>
      play(create, async ({ worker }) => {
        expect(await worker.receiveTasks({ kinds: ['writer'], max: 1, blockMs: 30, signal: never })).toEqual([]);
      }));

    test('stay pending until they are dropped, and are counted', () =>
      play(create, async ({ orchestrator, worker }) => {
        await orchestrator.sendTasks([taskMessage(), taskMessage({ priority: 'high' })]);
        const [first, second] = await takeTasks(worker);
        expect((await orchestrator.depths(['writer'])).get('writer')).toEqual({ waiting: 0, pending: 2 });
        expect(idsOf(await orchestrator.pendingTasksOf('worker-1', ['writer']))).toHaveLength(2);
        if (first === undefined || second === undefined) throw new Error('two tasks were sent');
        await worker.dropTasks([first.receipt]);
        expect(await orchestrator.pendingTasksOf('worker-1', ['writer'])).toEqual([second]);
        await worker.dropTasks([first.receipt, second.receipt]);
        expect((await orchestrator.depths(['writer'])).get('writer')).toEqual({ waiting: 0, pending: 0 });
      }));

    test('end together with the sending of their results', () =>
      play(create, async ({ orchestrator, worker }) => {
        await orchestrator.sendTasks([taskMessage(), taskMessage()]);
        const [first, second] = await takeTasks(worker);
        const result = resultMessage();
        await worker.sendResults([result], first === undefined ? [] : [first.receipt]);
        expect(await worker.pendingTasksOf('worker-1', ['writer'])).toEqual([second]);
        expect((await takeResults(orchestrator)).flatMap(({ messages }) => messages)).toEqual([result]);
      }));

    test('do not end when their results cannot be sent', () =>
      play(create, async ({ orchestrator, join }) => {
        const worker = await join({ name: 'worker-2', side: 'worker', maxMessageBytes: 2_000 });
        await orchestrator.sendTasks([taskMessage()]);
        const [task] = await takeTasks(worker);
        const large = resultMessage({ outcome: { status: 'succeeded', output: 'x'.repeat(3_000) } });
        const sending = worker.sendResults([resultMessage(), large], task === undefined ? [] : [task.receipt]);
        await expect(sending).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE', details: { maxMessageBytes: 2_000 } });
        expect(await takeResults(orchestrator)).toEqual([]);
        expect(await worker.pendingTasksOf('worker-2', ['writer'])).toEqual([task]);
      }));

    test('of a dead worker are found, dropped and the worker forgotten', () =>
      play(create, async ({ orchestrator, carrier, join }) => {
        const doomed = await join({ name: 'doomed', side: 'worker' });
        const tasks = Array.from({ length: 5 }, () => taskMessage());
        await orchestrator.sendTasks(tasks);
        await takeTasks(doomed);
        await carrier.kill('doomed');
        const left = await orchestrator.pendingTasksOf('doomed', ['writer', 'unknown']);
        expect(idsOf(left)).toEqual(tasks.map(({ id }) => id));
        expect(await orchestrator.readers(['writer'])).toContain('doomed');
        await orchestrator.forget('doomed', ['writer']);
        expect(await orchestrator.pendingTasksOf('doomed', ['writer'])).toHaveLength(5);
        await orchestrator.dropTasks(left.map(({ receipt }) => receipt));
        await orchestrator.forget('doomed', ['writer', 'unknown']);
        expect(await orchestrator.readers(['writer'])).not.toContain('doomed');
        expect(await orchestrator.readers(['unknown'])).toEqual([]);
      }));

    test('by the hundred and of all sizes arrive in order', () =>
      play(create, async ({ orchestrator, worker }) => {
        const tasks = Array.from({ length: 1_200 }, (_, i) => taskMessage({ input: 'x'.repeat(i * 3) }));
        await orchestrator.sendTasks(tasks);
        const read: string[] = [];
        while (read.length < tasks.length) {
          const some = await takeTasks(worker, 500);
          if (some.length === 0) break;
          read.push(...idsOf(some));
        }
        expect(read).toEqual(tasks.map(({ id }) => id));
        expect(await orchestrator.pendingTasksOf('worker-1', ['writer'])).toHaveLength(1_200);
      }));
  });
}
