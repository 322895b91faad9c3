import { describe, expect, test } from '@jest/globals';
import { SendMoment } from './send-moment.ts';

/** What is sent when, told as it happens: `+` for what becomes ready, the number of those sent, the phases of the event loop. */
class Story {
  nowMs = 0;
  readonly told: string[] = [];
  #count = 0;
  readonly moment = new SendMoment({ monotonic: () => this.nowMs }, () => {
    if (this.#count === 0) return;
    this.told.push(`sent ${this.#count}`);
    this.#count = 0;
    this.moment.sent();
  });

  ready(times = 1): void {
    for (let n = 0; n < times; n++) this.moment.ready((this.#count += 1));
  }

  /** Runs in a callback of its own, as a timer's or a socket's would. */
  async callback(act: () => void): Promise<void> {
    await Promise.resolve().then(act);
    await new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
    this.told.push('callback over');
  }

  async turn(): Promise<void> {
    await new Promise(setImmediate);
    this.told.push('turn over');
  }
}

describe('SendMoment', () => {
  test('sends what comes alone in the callback in which it became ready, together with all that did', async () => {
    const story = new Story();
    await story.callback(() => {
      story.ready();
      queueMicrotask(() => {
        story.ready(2);
      });
    });
    expect(story.told).toEqual(['sent 3', 'callback over']);
  });

  test('lets what follows at once wait for its neighbours until the turn is over', async () => {
    const story = new Story();
    for (let n = 0; n < 4; n++) {
      await story.callback(() => {
        story.ready();
      });
    }
    await story.turn();
    expect(story.told).toEqual(['sent 1', 'callback over', 'callback over', 'callback over', 'callback over', 'sent 3', 'turn over']);
  });

  test('sends a burst in portions', async () => {
    const story = new Story();
    await story.callback(() => {
      story.ready();
    });
    for (let n = 0; n < 40; n++) {
      await story.callback(() => {
        story.ready();
      });
    }
    await story.turn();
    expect(story.told.filter((line) => line.startsWith('sent'))).toEqual(['sent 1', 'sent 16', 'sent 16', 'sent 8']);
  });

  test('lets nothing wait long for callbacks that take long', async () => {
    const story = new Story();
    for (let n = 0; n < 3; n++) {
      await story.callback(() => {
        story.ready();
        story.nowMs += n;
      });
    }
    expect(story.told).toEqual(['sent 1', 'callback over', 'callback over', 'sent 2', 'callback over']);
  });

  test('sends at once again when some time has passed', async () => {
    const story = new Story();
    await story.callback(() => {
      story.ready();
    });
    story.nowMs += 1;
    await story.callback(() => {
      story.ready();
    });
    expect(story.told).toEqual(['sent 1', 'callback over', 'sent 1', 'callback over']);
  });
});
