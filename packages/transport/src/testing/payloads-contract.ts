import { describe, expect, test } from '@jest/globals';
import type { ResultMessage, TaskMessage } from '@mainstay/types';
import { resultLane, taskLane } from '../lanes.ts';
import { partitionOf } from '../transport.ts';
import type { CarrierForTests } from './carrier.ts';
import { helloMessage, reportMessage, resultMessage, taskMessage } from './messages.ts';
import { allPartitions, idsOf, play, takeResults, takeTasks } from './scene.ts';

/** Default limit of what lies in a lane. */
const INLINE_BYTES = 65_536;
const lane = taskLane('writer', 'normal');

/** A task whose JSON has exactly so many bytes. */
function taskOf(bytes: number, overrides: Partial<TaskMessage> = {}): TaskMessage {
  const empty = taskMessage({ ...overrides, input: '' });
  return { ...empty, input: 'x'.repeat(bytes - JSON.stringify(empty).length) };
}

const largeTask = (overrides: Partial<TaskMessage> = {}): TaskMessage => taskOf(INLINE_BYTES + 1, overrides);
const largeResult = (overrides: Partial<ResultMessage> = {}): ResultMessage =>
  resultMessage({ outcome: { status: 'succeeded', output: `ü\u2028"${'y'.repeat(INLINE_BYTES)}` }, ...overrides });

export function payloadsContract(create: () => Promise<CarrierForTests>): void {
  describe('large messages', () => {
    test('lie in their lane up to the limit; above it they arrive all the same', () =>
      play(create, async ({ carrier, orchestrator, worker }) => {
        const sent = [taskOf(INLINE_BYTES), taskOf(INLINE_BYTES + 1), taskMessage({ restored: 'z'.repeat(300_000) }), taskMessage()];
        await orchestrator.sendTasks(sent.slice(0, 1));
        expect(await carrier.payloads()).toEqual([]);
        await orchestrator.sendTasks(sent.slice(1));
        expect(await carrier.payloads()).toHaveLength(2);
        expect((await takeTasks(worker)).map(({ message }) => message)).toEqual(sent);
      }));

    test('have a limit that can be set', () =>
      play(create, async ({ carrier, worker, join }) => {
        const sender = await join({ name: 'o', side: 'orchestrator', inlineBytes: 1_000 });
        const sent = [taskOf(1_000), taskOf(1_001)];
        await sender.sendTasks(sent);
        expect(await carrier.payloads()).toHaveLength(1);
        expect((await takeTasks(worker)).map(({ message }) => message)).toEqual(sent);
      }));

    test('are never larger than a message may be', () =>
      play(create, async ({ carrier, join, worker, orchestrator, refusals }) => {
        const sender = await join({ name: 'o', side: 'orchestrator', maxMessageBytes: 100_000 });
        await expect(sender.sendTasks([taskOf(100_001)])).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
        await sender.sendTasks([taskOf(100_000)]);
        expect(await takeTasks(worker)).toHaveLength(1);
        const reader = await join({ name: 'w', side: 'worker', maxMessageBytes: 70_000 });
        await orchestrator.sendTasks([taskOf(70_001)]);
        expect(await takeTasks(reader)).toEqual([]);
        expect(refusals).toEqual([{ lane, code: 'MESSAGE_TOO_LARGE', reason: expect.stringContaining('70001') }]);
        expect(await carrier.payloads()).toHaveLength(1);
      }));

    test('leave nothing behind when they are acknowledged, in whatever way', () =>
      play(create, async ({ carrier, orchestrator, worker }) => {
        await orchestrator.sendTasks([largeTask(), taskMessage(), largeTask()]);
        const [first, second, third] = await takeTasks(worker);
        if (first === undefined || second === undefined || third === undefined) throw new Error('three tasks were sent');
        await worker.dropTasks([first.receipt, second.receipt]);
        expect(await carrier.payloads()).toHaveLength(1);
        const sent = [reportMessage(), largeResult(), resultMessage()];
        await worker.sendResults(sent, [third.receipt]);
        const batches = await takeResults(orchestrator);
        expect(batches.flatMap(({ messages }) => messages)).toEqual(sent);
        expect(await carrier.payloads()).toHaveLength(1);
        await orchestrator.ackResults(batches.map(({ receipt }) => receipt));
        expect(await carrier.payloads()).toEqual([]);
        expect((await orchestrator.depths(['writer'])).get('writer')).toEqual({ waiting: 0, pending: 0 });
      }));

    test('that are sent twice are two, and one goes without the other', () =>
      play(create, async ({ orchestrator, worker }) => {
        const task = largeTask();
        await orchestrator.sendTasks([task]);
        await orchestrator.sendTasks([task]);
        const [first] = await takeTasks(worker, 1);
        await worker.dropTasks(first === undefined ? [] : [first.receipt]);
        expect(idsOf(await takeTasks(worker))).toEqual([task.id]);
      }));

    test('of a dead worker are found whole, can be sent to another, and leave nothing behind', () =>
      play(create, async ({ carrier, orchestrator, worker, join }) => {
        const doomed = await join({ name: 'doomed', side: 'worker' });
        const task = largeTask();
        await orchestrator.sendTasks([task]);
        await takeTasks(doomed);
        await carrier.kill('doomed');
        const left = await orchestrator.pendingTasksOf('doomed', ['writer']);
        expect(left.map(({ message }) => message)).toEqual([task]);
        const again = { ...task, fence: 2 };
        await orchestrator.sendTasks([again]);
        await orchestrator.dropTasks(left.map(({ receipt }) => receipt));
        const taken = await takeTasks(worker);
        expect(taken.map(({ message }) => message)).toEqual([again]);
        await worker.dropTasks(taken.map(({ receipt }) => receipt));
        expect(await carrier.payloads()).toEqual([]);
      }));

    test('of a dead orchestrator are taken over whole, and leave nothing behind', () =>
      play(create, async ({ carrier, orchestrator, worker, join }) => {
        const doomed = await join({ name: 'doomed', side: 'orchestrator' });
        const result = largeResult();
        await worker.sendResults([result], []);
        await takeResults(doomed);
        await carrier.kill('doomed');
        const taken = await orchestrator.takeOverResults(allPartitions, (name) => name === 'doomed', 10);
        expect(taken.flatMap(({ messages }) => messages)).toEqual([result]);
        await orchestrator.ackResults(taken.map(({ receipt }) => receipt));
        expect(await carrier.payloads()).toEqual([]);
      }));

    test('are refused when their payload is gone, and the one behind arrives', () =>
      play(create, async ({ carrier, orchestrator, worker, refusals }) => {
        const good = largeTask();
        await orchestrator.sendTasks([largeTask()]);
        for (const name of await carrier.payloads()) await carrier.setPayload(name, undefined);
        await orchestrator.sendTasks([good]);
        expect([...idsOf(await takeTasks(worker, 1)), ...idsOf(await takeTasks(worker, 1))]).toEqual([good.id]);
        expect(refusals).toEqual([{ lane, code: 'MESSAGE_PAYLOAD_MISSING', reason: expect.stringContaining('65537 bytes') }]);
        expect((await orchestrator.depths(['writer'])).get('writer')).toEqual({ waiting: 0, pending: 1 });
      }));

    test('are refused when their payload was altered, even if it is a right message, and it is removed', () =>
      play(create, async ({ carrier, orchestrator, worker, refusals }) => {
        await orchestrator.sendTasks([largeTask()]);
        await worker.sendResults([largeResult()], []);
        for (const name of await carrier.payloads()) await carrier.setPayload(name, JSON.stringify(largeTask({ run: 'other' })));
        expect(await takeTasks(worker)).toEqual([]);
        expect(await takeResults(orchestrator)).toEqual([]);
        expect(refusals).toMatchObject([
          { lane, code: 'MESSAGE_SIGNATURE_INVALID' },
          { lane: resultLane(partitionOf('run-1')), code: 'MESSAGE_SIGNATURE_INVALID' },
        ]);
        expect(await carrier.payloads()).toEqual([]);
      }));

    test('are lost with everything else when the carrier is wiped, and work goes on', () =>
      play(create, async ({ carrier, orchestrator, worker, refusals }) => {
        await orchestrator.sendTasks([largeTask(), largeTask()]);
        const [old] = await takeTasks(worker, 1);
        await carrier.wipe();
        expect(await carrier.payloads()).toEqual([]);
        expect(await takeTasks(worker)).toEqual([]);
        const [task, result] = [largeTask(), largeResult()];
        await orchestrator.sendTasks([task]);
        await worker.sendResults([result], old === undefined ? [] : [old.receipt]);
        expect(idsOf(await takeTasks(worker))).toEqual([task.id]);
        expect((await takeResults(orchestrator)).flatMap(({ messages }) => messages)).toEqual([result]);
        expect(refusals).toEqual([]);
      }));

    test('are no control messages: those are sent as they are', () =>
      play(create, async ({ carrier, orchestrator, worker }) => {
        const heard = new Promise((resolve) => worker.onControl(resolve));
        const hello = { ...helloMessage('orchestrator-1'), more: 'x'.repeat(INLINE_BYTES) };
        await orchestrator.publish('workers', hello);
        expect(await heard).toEqual(helloMessage('orchestrator-1'));
        expect(await carrier.payloads()).toEqual([]);
      }));
  });
}
