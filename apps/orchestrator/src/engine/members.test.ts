import { describe, expect, test } from '@jest/globals';
import type { AgentOffer, Heartbeat } from '@mainstay/types';
import { attemptKey, Members } from './members.ts';

const offer = (kind: string, description: string): AgentOffer => ({ kind, description, input: {}, output: {} });

const beat = (worker: string, over: Partial<Heartbeat> = {}): Heartbeat => ({
  v: 1,
  type: 'heartbeat',
  worker,
  host: 'here',
  pid: 1,
  version: '0.1.0',
  startedAt: 1,
  capacity: 4,
  running: [],
  draining: false,
  rssBytes: 0,
  kinds: ['noop'],
  ...over,
});

const fresh = (): Members => new Members({ self: 'me', leaseMs: 4_000, absentMs: 600 });

describe('Members', () => {
  test('a worker that holds no subscription for the absence time died', () => {
    const members = fresh();
    members.heartbeat(beat('w'), 0, 0);
    members.presence(new Set(['me']), 100);
    expect(members.lostWorkers(699)).toEqual([]);
    expect(members.lostWorkers(700)).toEqual([{ name: 'w', reason: 'died' }]);
  });

  test('a worker that comes back within the absence time is not lost', () => {
    const members = fresh();
    members.heartbeat(beat('w'), 0, 0);
    members.presence(new Set(['me']), 100);
    members.presence(new Set(['me', 'w']), 500);
    expect(members.lostWorkers(900)).toEqual([]);
  });

  test('an answer without this process itself says nothing about others', () => {
    const members = fresh();
    members.heartbeat(beat('w'), 0, 0);
    members.presence(new Set(), 100);
    expect(members.lostWorkers(3_999)).toEqual([]);
  });

  test('a worker that keeps its subscription but sends no heartbeat for the lease is silent', () => {
    const members = fresh();
    members.heartbeat(beat('w'), 0, 0);
    members.presence(new Set(['me', 'w']), 3_999);
    expect(members.lostWorkers(3_999)).toEqual([]);
    expect(members.lostWorkers(4_000)).toEqual([{ name: 'w', reason: 'silent' }]);
  });

  test('after an interruption everybody gets a new term', () => {
    const members = fresh();
    members.heartbeat(beat('w'), 0, 0);
    members.presence(new Set(['me']), 0);
    members.renewTerms(10_000);
    expect(members.lostWorkers(13_999)).toEqual([]);
  });

  test('a removed worker and its offers are gone, and a later heartbeat brings it back', () => {
    const members = fresh();
    members.heartbeat(beat('w', { offers: [offer('noop', 'one')] }), 0, 0);
    members.removeWorker('w');
    expect([members.hasWorker('w'), members.offers().size]).toEqual([false, 0]);
    expect(members.heartbeat(beat('w'), 1, 1)).toEqual({ isNew: true });
  });

  test('where workers differ, the offer announced last counts', () => {
    const members = fresh();
    members.heartbeat(beat('a', { offers: [offer('noop', 'of a')] }), 0, 0);
    members.heartbeat(beat('b', { offers: [offer('noop', 'of b')] }), 1, 1);
    members.heartbeat(beat('a'), 2, 2);
    expect(members.offers().get('noop')?.description).toBe('of b');
  });

  test('kinds of draining workers are not live', () => {
    const members = fresh();
    members.heartbeat(beat('a', { kinds: ['noop', 'sleep'] }), 0, 0);
    members.heartbeat(beat('b', { kinds: ['review'], draining: true }), 0, 0);
    expect([...members.liveKinds()].sort()).toEqual(['noop', 'sleep']);
  });

  test('knows which attempts are running, and which draining workers still hold some', () => {
    const members = fresh();
    const attempt = { run: 'r', task: 't', fence: 3 };
    members.heartbeat(beat('a', { running: [attempt], draining: true }), 0, 0);
    members.heartbeat(beat('b', { draining: true }), 0, 0);
    expect(members.runningAttempts()).toEqual(new Set([attemptKey(attempt)]));
    expect(members.drainingWorkers()).toBe(1);
  });

  test('orchestrators share the work unless they drain, and lost ones are told once', () => {
    const members = fresh();
    expect(members.orchestrator({ name: 'me', draining: false }, 0).isNew).toBe(false);
    expect(members.orchestrator({ name: 'other', draining: false }, 0).isNew).toBe(true);
    members.orchestrator({ name: 'leaving', draining: true }, 0);
    expect(members.sharers('takes-part')).toEqual(['me', 'other']);
    expect(members.sharers('draining')).toEqual(['other']);
    expect(members.hasSuccessor).toBe(true);
    expect(members.takeLostOrchestrators(4_000).sort()).toEqual(['leaving', 'other']);
    expect(members.takeLostOrchestrators(4_000)).toEqual([]);
  });

  test('one that cannot reach the store has a share only where nobody can', () => {
    const members = fresh();
    members.orchestrator({ name: 'other', draining: false }, 0);
    const away = { name: 'other', draining: true, aside: true };
    expect(members.orchestrator(away, 0)).toEqual({ isNew: false, changed: true });
    expect(members.orchestrator(away, 0)).toEqual({ isNew: false, changed: false });
    expect(members.sharers('takes-part')).toEqual(['me']);
    expect([members.stuck(), members.isAside('other'), members.hasSuccessor]).toEqual([['other'], true, true]);
    expect(members.sharers('aside')).toEqual(['me', 'other']);
    expect(members.sharers('draining')).toEqual(['other']);
    members.orchestrator({ name: 'other', draining: false }, 0);
    expect(members.sharers('aside')).toEqual(['other']);
    expect(members.sharers('takes-part')).toEqual(['me', 'other']);
  });

  test('one that falls silent while it is present is stuck until it is heard again or found dead', () => {
    const members = fresh();
    for (const name of ['silent', 'dead', 'other']) members.orchestrator({ name, draining: false }, 0);
    members.presence(new Set(['me', 'silent', 'other']), 3_000);
    expect(members.takeLostOrchestrators(4_000).sort()).toEqual(['dead', 'other', 'silent']);
    expect(members.stuck().sort()).toEqual(['other', 'silent']);
    members.orchestrator({ name: 'other', draining: false }, 5_000);
    expect(members.stuck()).toEqual(['silent']);
    members.forget('silent');
    expect(members.stuck()).toEqual([]);
  });

  test('the last one keeps its share, whatever it is', () => {
    for (const part of ['takes-part', 'aside', 'draining'] as const) expect(fresh().sharers(part)).toEqual(['me']);
  });
});
