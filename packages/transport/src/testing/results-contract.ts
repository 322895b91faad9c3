import { describe, expect, test } from '@jest/globals';
import { resultLane } from '../lanes.ts';
import { partitionOf } from '../transport.ts';
import type { CarrierForTests } from './carrier.ts';
import { resultMessage } from './messages.ts';
import { allPartitions, never, play, runsOfTwoPartitions, takeResults } from './scene.ts';

export function resultsContract(create: () => Promise<CarrierForTests>): void {
  describe('results', () => {
    test('of one run arrive as one batch, in order', () =>
      play(create, async ({ orchestrator, worker }) => {
        const sent = [resultMessage(), resultMessage(), resultMessage()];
        await worker.sendResults(sent, []);
        expect((await takeResults(orchestrator)).map(({ messages }) => messages)).toEqual([sent]);
      }));

    test('of different partitions are read by those who read them', () =>
      play(create, async ({ orchestrator, worker }) => {
        const [here, there] = runsOfTwoPartitions();
        const [a, b] = [resultMessage({ run: here }), resultMessage({ run: there })];
        await worker.sendResults([a, b], []);
        const read = (run: string) => orchestrator.receiveResults({ partitions: [partitionOf(run)], max: 9, blockMs: 0, signal: never });
        expect((await read(there)).flatMap(({ messages }) => messages)).toEqual([b]);
        expect((await read(here)).map(({ messages, receipt }) => [messages, receipt.lane])).toEqual([[[a], resultLane(partitionOf(here))]]);
      }));

    test('that are larger together than one frame may be arrive in several', () =>
      play(create, async ({ orchestrator, join }) => {
        const worker = await join({ name: 'worker-2', side: 'worker', maxMessageBytes: 2_000 });
        const sent = Array.from({ length: 9 }, () => resultMessage({ outcome: { status: 'succeeded', output: 'x'.repeat(700) } }));
        await worker.sendResults(sent, []);
        const batches = await takeResults(orchestrator);
        expect(batches.length).toBeGreaterThan(4);
        expect(batches.flatMap(({ messages }) => messages)).toEqual(sent);
      }));

    test('are never more batches than were asked for', () =>
      play(create, async ({ orchestrator, worker }) => {
        for (let i = 0; i < 7; i++) await worker.sendResults([resultMessage({ run: `run-${String(i)}` })], []);
        const sizes = [await takeResults(orchestrator, 5), await takeResults(orchestrator, 5)].map((batches) => batches.length);
        expect(sizes).toEqual([5, 2]);
      }));

    test('wake an orchestrator that waits for them', () =>
      play(create, async ({ orchestrator, worker }) => {
        const waiting = orchestrator.receiveResults({ partitions: allPartitions, max: 10, blockMs: 30_000, signal: never });
        const result = resultMessage();
        await worker.sendResults([result], []);
        expect((await waiting).flatMap(({ messages }) => messages)).toEqual([result]);
      }));

    test('are gone when acknowledged, and acknowledging twice is no fault', () =>
      play(create, async ({ orchestrator, worker, join }) => {
        await worker.sendResults([resultMessage()], []);
        const receipts = (await takeResults(orchestrator)).map(({ receipt }) => receipt);
        await orchestrator.ackResults(receipts);
        await orchestrator.ackResults(receipts);
        const other = await join({ name: 'orchestrator-2', side: 'orchestrator' });
        expect(await other.takeOverResults(allPartitions, () => true, 10)).toEqual([]);
      }));

    test('of a dead orchestrator are taken over, those of a living one are not', () =>
      play(create, async ({ orchestrator, worker, carrier, join }) => {
        const doomed = await join({ name: 'doomed', side: 'orchestrator' });
        const [lost, kept] = [resultMessage(), resultMessage()];
        await worker.sendResults([lost], []);
        await takeResults(doomed);
        await worker.sendResults([kept], []);
        const other = await join({ name: 'orchestrator-2', side: 'orchestrator' });
        await takeResults(other);
        await carrier.kill('doomed');
        const taken = await orchestrator.takeOverResults(allPartitions, (name) => name === 'doomed', 10);
        expect(taken.flatMap(({ messages }) => messages)).toEqual([lost]);
        expect(await orchestrator.takeOverResults(allPartitions, (name) => name === 'doomed', 10)).toEqual([]);
        await orchestrator.ackResults(taken.map(({ receipt }) => receipt));
        const again = await other.takeOverResults(allPartitions, (name) => name !== 'orchestrator-2', 10);
        expect(again).toEqual([]);
      }));

    test('are taken over up to the number asked for, and the rest later', () =>
      play(create, async ({ orchestrator, worker, carrier, join }) => {
        const doomed = await join({ name: 'doomed', side: 'orchestrator' });
        for (let i = 0; i < 6; i++) await worker.sendResults([resultMessage({ run: `run-${String(i)}` })], []);
        await takeResults(doomed);
        await carrier.kill('doomed');
        const sizes: number[] = [];
        for (let i = 0; i < 3; i++) sizes.push((await orchestrator.takeOverResults(allPartitions, (name) => name === 'doomed', 4)).length);
        expect(sizes).toEqual([4, 2, 0]);
      }));
  });
}
