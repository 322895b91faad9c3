import { describe, expect, test } from '@jest/globals';
import { DependencyError, ValidationError, type WorkerMessage } from '@mainstay/types';
import type { Receipt } from '@mainstay/transport';
import { FakeClock } from '@mainstay/utils/testing';
import { Attempt } from '../attempt/attempt.ts';
import { TestAgent } from '../testing/agents.ts';
import { task } from '../testing/task.ts';
import { Outbox } from './outbox.ts';

interface Send {
  readonly messages: readonly WorkerMessage[];
  readonly answer: (error?: Error) => void;
}

/** An outbox whose carrier answers when the test says so. */
class Desk {
  readonly clock = new FakeClock();
  readonly sends: Send[] = [];
  readonly acknowledged: Receipt[] = [];
  readonly outbox = new Outbox({
    transport: {
      sendResults: (messages) => this.#send(messages),
      dropTasks: () => this.#send([]),
    },
    clock: this.clock,
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    onAcknowledged: (receipt) => this.acknowledged.push(receipt),
  });
  #entries = 0;

  #send(messages: readonly WorkerMessage[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const answer = (error?: Error) => {
      if (error === undefined) resolve(undefined);
      else reject(error);
    };
    this.sends.push({ messages, answer });
    return promise;
  }

  attempt(): Attempt {
    const receipt = { lane: 'tasks', entry: String((this.#entries += 1)) };
    const made = task('it', {});
    return new Attempt(`${made.run}/${made.task}`, made, receipt, new TestAgent('it', () => Promise.resolve(null)), 'worker-1', 1);
  }

  result(attempt = this.attempt()): void {
    const message = attempt.result(1, { status: 'succeeded', output: null }, undefined);
    this.outbox.add({ message, ended: attempt.receipt, subject: attempt });
  }

  report(attempt: Attempt): void {
    this.outbox.add({ message: attempt.report(1, { events: [] }), subject: attempt });
  }

  async answer(index: number, error?: Error): Promise<void> {
    this.sends[index]?.answer(error);
    await this.pass();
  }

  /** Lets time pass in which each burst is over. */
  async pass(ms = 1): Promise<void> {
    await this.clock.advance(ms);
    await new Promise(setImmediate);
  }

  types(): string[] {
    return this.sends.map(({ messages }) => messages.map(({ type }) => type).join('+'));
  }
}

const away = new DependencyError('REDIS_UNAVAILABLE', 'away');

describe('Outbox', () => {
  test('hands a result to the transport in the callback in which it became ready', async () => {
    const desk = new Desk();
    desk.result();
    expect(desk.sends).toHaveLength(0);
    await new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
    expect(desk.sends).toHaveLength(1);
  });

  test('does not wait for the answers to earlier sends, up to a bound', async () => {
    const desk = new Desk();
    for (let n = 0; n < 3; n++) {
      desk.result();
      await desk.pass();
    }
    expect(desk.sends.map(({ messages }) => messages.length)).toEqual([1, 1, 1]);
    for (let n = 0; n < 1_100; n++) desk.result();
    await desk.pass();
    expect(desk.sends.slice(3).map(({ messages }) => messages.length)).toEqual([256, 256, 256, 256]);
    expect(desk.outbox.size).toBe(1_103);
    await desk.answer(3);
    expect(desk.sends.at(-1)?.messages).toHaveLength(76);
    expect(desk.acknowledged).toHaveLength(256);
  });

  test('holds the result back while a report of the same attempt is under way, and nothing else', async () => {
    const desk = new Desk();
    const attempt = desk.attempt();
    desk.report(attempt);
    await desk.pass();
    desk.result(attempt);
    desk.result();
    await desk.pass();
    expect(desk.types()).toEqual(['report', 'result']);
    expect(desk.sends[1]?.messages[0]?.run).not.toBe(attempt.task.run);
    await desk.answer(0);
    expect(desk.types()).toEqual(['report', 'result', 'result']);
    expect(desk.sends[2]?.messages[0]?.run).toBe(attempt.task.run);
  });

  test('sends a report that failed before the result of the same attempt', async () => {
    const desk = new Desk();
    const attempt = desk.attempt();
    desk.report(attempt);
    await desk.pass();
    desk.result(attempt);
    await desk.answer(0, away);
    await desk.pass(50);
    expect(desk.types()).toEqual(['report', 'report+result']);
  });

  test('tries with one send at a time while sends fail, and loses none', async () => {
    const desk = new Desk();
    for (let n = 0; n < 3; n++) {
      desk.result();
      await desk.pass();
    }
    for (let n = 0; n < 3; n++) await desk.answer(n, away);
    desk.result();
    await desk.pass(50);
    expect(desk.sends).toHaveLength(4);
    expect(desk.sends[3]?.messages).toHaveLength(4);
    desk.result();
    await desk.answer(3, away);
    await desk.pass(98);
    expect(desk.sends).toHaveLength(4);
    await desk.pass(1);
    expect(desk.sends[4]?.messages).toHaveLength(5);
    await desk.answer(4);
    expect(desk.outbox.size).toBe(0);
    expect(desk.acknowledged).toHaveLength(5);
  });

  test('finds the message that the transport refuses, and tells it', async () => {
    const desk = new Desk();
    const refused: unknown[] = [];
    const bad = desk.attempt();
    desk.result();
    desk.outbox.add({ message: bad.report(1, { events: [] }), subject: bad, refused: (error) => refused.push(error) });
    desk.result();
    await desk.pass();
    const error = new ValidationError('MESSAGE_TOO_LARGE', 'too large');
    await desk.answer(0, error);
    await desk.answer(1);
    await desk.answer(2, error);
    await desk.answer(3);
    expect(refused).toEqual([error]);
    expect(desk.acknowledged).toHaveLength(2);
    expect(desk.outbox.size).toBe(0);
  });

  test('is empty when everything has left, and names what has not', async () => {
    const desk = new Desk();
    const attempt = desk.attempt();
    desk.result(attempt);
    let empty = false;
    void desk.outbox.empty(new AbortController().signal).then(() => (empty = true));
    await desk.pass();
    expect(desk.outbox.refs()).toEqual([attempt.ref]);
    expect(empty).toBe(false);
    await desk.answer(0);
    expect(desk.outbox.refs()).toEqual([]);
    expect(empty).toBe(true);
  });
});
