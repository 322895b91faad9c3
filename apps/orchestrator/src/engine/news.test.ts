import { describe, expect, test } from '@jest/globals';
import { createMemoryHub } from '@mainstay/transport';
import type { ControlMessage } from '@mainstay/types';
import type { Change } from '../pipeline/model.ts';
import { Harness } from '../pipeline/testing/harness.ts';
import type { RunEnd } from '../store/store.ts';
import { News, type Wishes } from './news.ts';

const ALL: Wishes = { events: true, ends: true };
const NONE: Wishes = { events: false, ends: false };

async function scene(othersWish: Wishes) {
  const hub = createMemoryHub();
  const [mine, other] = [hub.connect({ name: 'me', side: 'orchestrator' }), hub.connect({ name: 'other', side: 'orchestrator' })];
  await Promise.all([mine.start(), other.start()]);
  const told: ControlMessage[] = [];
  other.onControl((message) => {
    told.push(message);
  });
  let wishes = 0;
  const news = new News({ transport: mine, othersWish: () => othersWish, onWish: () => wishes++ });
  const sent = async (): Promise<readonly ControlMessage[]> => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return told;
  };
  return { news, sent, wishes: () => wishes };
}

/** A change that goes on, and the one that ends the run. */
function changes(): { readonly goesOn: Change; readonly end: Change } {
  const run = new Harness([
    { id: 'a', agent: 'x' },
    { id: 'b', agent: 'x' },
  ]);
  return { goesOn: run.succeed('a'), end: run.succeed('b') };
}

describe('News', () => {
  test('tells listeners of a run that it changed, until they end', async () => {
    const { news } = await scene(NONE);
    let heard = 0;
    const end = news.onEvents('run', () => heard++);
    const { goesOn } = changes();
    news.committed([goesOn]);
    news.heard([{ run: 'run', tenant: 't', last: 9 }]);
    news.missed();
    end();
    news.committed([goesOn]);
    expect(heard).toBe(3);
  });

  test('tells the ends of a tenant, one list per commit, and no run twice', async () => {
    const { news } = await scene(NONE);
    const heard: (readonly RunEnd[])[] = [];
    const stop = news.onEnded('t', (ends) => heard.push(ends));
    news.onEnded('elsewhere', () => {
      throw new Error('another tenant');
    });
    const { goesOn, end } = changes();
    const at = end.state.finishedAt;
    news.committed([goesOn]);
    news.committed([end, { ...end, state: { ...end.state, id: 'second' } }]);
    news.committed([{ ...end, before: end.state }]);
    expect(heard).toEqual([
      [
        { run: 'run', status: 'succeeded', at },
        { run: 'second', status: 'succeeded', at },
      ],
    ]);
    stop();
    news.committed([end]);
    expect(heard).toHaveLength(1);
  });

  test('tells the ends that others tell', async () => {
    const { news } = await scene(NONE);
    const heard: RunEnd[] = [];
    news.onEnded('t', (ends) => heard.push(...ends));
    news.heard([
      { run: 'a', tenant: 't', last: 5 },
      { run: 'b', tenant: 't', last: 5, ended: { status: 'failed', at: 7 } },
      { run: 'c', tenant: 'u', last: 5, ended: { status: 'failed', at: 7 } },
    ]);
    expect(heard).toEqual([{ run: 'b', status: 'failed', at: 7 }]);
  });

  test('tells others only what they wish to hear', async () => {
    const { goesOn, end } = changes();
    const ended = { status: 'succeeded', at: end.state.finishedAt };
    const all = await scene(ALL);
    all.news.committed([goesOn, end]);
    expect(await all.sent()).toMatchObject([
      {
        type: 'events',
        runs: [
          { run: 'run', tenant: 't', last: goesOn.state.seq },
          { run: 'run', last: end.state.seq, ended },
        ],
      },
    ]);
    const ends = await scene({ events: false, ends: true });
    ends.news.committed([goesOn]);
    ends.news.committed([goesOn, end]);
    expect(await ends.sent()).toMatchObject([{ type: 'events', runs: [{ run: 'run', ended }] }]);
    const none = await scene(NONE);
    none.news.committed([goesOn, end]);
    expect(await none.sent()).toEqual([]);
  });

  test('says what it wishes to hear, and at once when the first listener comes', async () => {
    const { news, wishes } = await scene(NONE);
    expect([news.wishes(), wishes()]).toEqual([[], 0]);
    const end = news.onEvents('a', () => undefined);
    news.onEvents('b', () => undefined);
    expect([news.wishes(), wishes()]).toEqual([['events'], 1]);
    news.onEnded('t', () => undefined);
    end();
    expect([news.wishes(), wishes()]).toEqual([['events', 'ends'], 2]);
  });
});
