import { describe, expect, test } from '@jest/globals';
import { resultLane, sideChannel, taskLane } from '../lanes.ts';
import { partitionOf, type Refusal } from '../transport.ts';
import { createCodec } from '../wire/codec.ts';
import { seal } from '../wire/frame.ts';
import { createSigner } from '../wire/signer.ts';
import { type CarrierForTests, eventually, strangeKeys, testKeys } from './carrier.ts';
import { helloMessage, resultMessage, taskMessage } from './messages.ts';
import { allPartitions, idsOf, play, takeResults, takeTasks } from './scene.ts';

const lane = taskLane('writer', 'normal');
const signer = createSigner(testKeys);
const codec = createCodec({ keys: testKeys });
const json = (value: unknown): string => seal(signer, lane, JSON.stringify(value));

const bad: readonly (readonly [what: string, frame: () => string, code: Refusal['code']])[] = [
  ['signed with another key', () => createCodec({ keys: strangeKeys }).encodeTask(lane, taskMessage()).frame, 'MESSAGE_SIGNATURE_INVALID'],
  [
    'signed with a key of another id',
    () => codec.encodeTask(lane, taskMessage()).frame.replace('v1.k1.', 'v1.k9.'),
    'MESSAGE_SIGNATURE_INVALID',
  ],
  [
    'altered',
    () => codec.encodeTask(lane, taskMessage({ task: 'draft' })).frame.replace('"draft"', '"final"'),
    'MESSAGE_SIGNATURE_INVALID',
  ],
  [
    'with half a signature',
    () => codec.encodeTask(lane, taskMessage()).frame.replace(/(v1\.k1\..{10})[^.]*/, '$1'),
    'MESSAGE_SIGNATURE_INVALID',
  ],
  ['from another lane', () => codec.encodeTask(taskLane('writer', 'high'), taskMessage()).frame, 'MESSAGE_SIGNATURE_INVALID'],
  ['of a version from the future', () => json({ ...taskMessage(), v: 99 }), 'MESSAGE_VERSION_UNSUPPORTED'],
  ['without a needed field', () => json({ ...taskMessage(), run: undefined }), 'MESSAGE_INVALID'],
  ['of another type', () => json(resultMessage()), 'MESSAGE_INVALID'],
  ['that is no object', () => json([1, null]), 'MESSAGE_INVALID'],
  ['that is signed but not JSON', () => seal(signer, lane, '{"v":1,'), 'MESSAGE_INVALID'],
  ['that is too large', () => codec.encodeTask(lane, taskMessage({ input: 'x'.repeat(20_000) })).frame, 'MESSAGE_TOO_LARGE'],
  ['that is garbage', () => '\u0000\ufffd garbage', 'MESSAGE_INVALID'],
  ['that is empty', () => '', 'MESSAGE_INVALID'],
  ['of another frame version', () => codec.encodeTask(lane, taskMessage()).frame.replace('v1.', 'v2.'), 'MESSAGE_INVALID'],
];

export function refusalsContract(create: () => Promise<CarrierForTests>): void {
  describe('refused', () => {
    test.each(bad)('is a task %s; it is gone, and the one behind it arrives', (_what, frame, code) =>
      play(create, async ({ carrier, orchestrator, join }) => {
        const refusals: Refusal[] = [];
        const worker = await join({ name: 'w', side: 'worker', maxMessageBytes: 10_000, onRefused: (refusal) => refusals.push(refusal) });
        await carrier.inject(lane, frame());
        const good = taskMessage();
        await orchestrator.sendTasks([good]);
        expect([...idsOf(await takeTasks(worker, 1)), ...idsOf(await takeTasks(worker, 1))]).toEqual([good.id]);
        expect(refusals).toEqual([{ lane, code, reason: expect.stringMatching(/./) }]);
        expect((await orchestrator.depths(['writer'])).get('writer')).toEqual({ waiting: 0, pending: 1 });
      }),
    );

    test('is a message that is sent with more bytes than allowed, and nothing of it arrives', () =>
      play(create, async ({ join, worker }) => {
        const sender = await join({ name: 'o', side: 'orchestrator', maxMessageBytes: 1_000 });
        const sending = sender.sendTasks([taskMessage(), taskMessage({ input: 'ü'.repeat(600) })]);
        await expect(sending).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE', details: { maxMessageBytes: 1_000 } });
        expect(await takeTasks(worker)).toEqual([]);
      }));

    test('is a batch of results with a wrong signature; it is gone for all', () =>
      play(create, async ({ carrier, orchestrator, worker, refusals, join }) => {
        const there = resultLane(partitionOf('run-1'));
        const forged = createCodec({ keys: strangeKeys }).encodeBatches(there, [resultMessage()]);
        for (const { frame } of forged) await carrier.inject(there, frame);
        const good = resultMessage();
        await worker.sendResults([good], []);
        expect((await takeResults(orchestrator)).flatMap(({ messages }) => messages)).toEqual([good]);
        expect(refusals).toMatchObject([{ lane: there, code: 'MESSAGE_SIGNATURE_INVALID' }]);
        const other = await join({ name: 'o2', side: 'orchestrator' });
        expect(await other.takeOverResults(allPartitions, () => true, 10)).toHaveLength(1);
      }));

    test('is one message of a batch, and its neighbours arrive', () =>
      play(create, async ({ carrier, orchestrator, refusals }) => {
        const there = resultLane(partitionOf('run-1'));
        const good = resultMessage();
        await carrier.inject(there, seal(signer, there, JSON.stringify([{ ...resultMessage(), v: 7 }, good])));
        expect((await takeResults(orchestrator)).flatMap(({ messages }) => messages)).toEqual([good]);
        expect(refusals).toMatchObject([{ lane: there, code: 'MESSAGE_VERSION_UNSUPPORTED' }]);
      }));

    test('is a forged control message', () =>
      play(create, async ({ carrier, orchestrator, worker, refusals }) => {
        const heard: unknown[] = [];
        worker.onControl((message) => heard.push(message));
        const channel = sideChannel('worker');
        await carrier.injectControl(channel, createCodec({ keys: strangeKeys }).encodeControl(channel, helloMessage('mallory')));
        await orchestrator.publish('workers', helloMessage('orchestrator-1'));
        await eventually('the true message arrives', () => heard.length > 0);
        expect(heard).toEqual([helloMessage('orchestrator-1')]);
        expect(refusals).toMatchObject([{ lane: channel, code: 'MESSAGE_SIGNATURE_INVALID' }]);
      }));

    test('is nothing while keys are replaced one process at a time', () =>
      play(create, async ({ orchestrator, refusals, join }) => {
        const newKey = { id: 'k2', secret: new Uint8Array(32).fill(9) };
        const worker = await join({ name: 'w', side: 'worker', keys: [newKey, ...testKeys] });
        const old = await join({ name: 'o', side: 'orchestrator', keys: [...testKeys, newKey] });
        const task = taskMessage();
        await orchestrator.sendTasks([task]);
        expect(idsOf(await takeTasks(worker))).toEqual([task.id]);
        const result = resultMessage();
        await worker.sendResults([result], []);
        expect((await takeResults(old)).flatMap(({ messages }) => messages)).toEqual([result]);
        expect(refusals).toEqual([]);
      }));
  });
}
