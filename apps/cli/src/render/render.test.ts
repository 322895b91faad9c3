import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { event, run } from '../testing/run-facts.ts';
import { chooseStages } from './choose-stages.ts';
import { describeEvent } from './describe-event.ts';
import { countdown, duration } from './durations.ts';
import { fitLine, cell, paintLine } from './line.ts';
import { reduceEvent } from './reduce-event.ts';
import { modelOf, type RunModel } from './run-model.ts';
import { runScreen } from './run-screen.ts';
import { clean, fitText, padText, widthOf } from './text.ts';

const TYPES = [
  'run.started', 'run.waiting', 'run.failed', 'run.retried', 'run.succeeded', 'run.invented', 'task.dispatched', 'task.started',
  'task.progress', 'task.succeeded', 'task.failed', 'task.retrying', 'task.fallback', 'task.dead', 'task.skipped', 'task.cancelled',
  'task.invented', 'gate.failed', 'decision.opened', 'decision.answered',
]; // prettier-ignore

const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('日本語のメモ', '👩‍👩‍👧‍👦👍🏽', '\u001b[31mred\u001b[0m', 'a\r\nb\tc'),
);
const anyEvent = fc.record({
  seq: fc.integer({ min: 1, max: 1_000 }),
  at: fc.oneof(fc.constant('2030-01-01T00:00:05.000Z'), anyText),
  type: fc.constantFrom(...TYPES),
  task: fc.option(fc.oneof(fc.constantFrom('one', 'two'), anyText), { nil: undefined }),
  data: fc.option(
    fc.dictionary(
      fc.constantFrom('attempt', 'fraction', 'note', 'error', 'decision', 'question', 'agent', 'dueAt', 'action'),
      fc.oneof(anyText, fc.double(), fc.constant(null), fc.record({ code: anyText, message: anyText })),
    ),
    { nil: undefined },
  ),
});

const after = (...events: Parameters<typeof reduceEvent>[1][]): RunModel => events.reduce(reduceEvent, modelOf(run('queued')));
const stage = (model: RunModel, id: string) => model.stages.find((one) => one.id === id);
const text = (model: RunModel, width = 100, more = {}) =>
  runScreen(model, { width, height: 24, now: Date.parse('2030-01-01T00:00:20.000Z'), ...more }).map((line) => paintLine(line, false));

describe('reduceEvent', () => {
  test('follows a stage from its dispatch to its end', () => {
    const running = after(
      event(1, 'run.started'),
      event(2, 'task.dispatched', 'one', { agent: 'noop', attempt: 1 }),
      event(3, 'task.started', 'one', { attempt: 1 }),
      event(4, 'task.progress', 'one', { fraction: 0.5, note: 'half' }),
    );
    expect(running.status).toBe('running');
    expect(stage(running, 'one')).toMatchObject({ status: 'running', fraction: 0.5, note: 'half', attempt: 1 });
    const done = reduceEvent(running, event(5, 'task.succeeded', 'one', { attempt: 1, degraded: true }));
    expect(stage(done, 'one')).toMatchObject({ status: 'succeeded', degraded: true });
    expect(stage(done, 'two')).toMatchObject({ status: 'pending' });
  });

  test('shows a failed attempt, the wait and the next attempt', () => {
    const waiting = after(
      event(1, 'task.dispatched', 'one', { attempt: 1 }),
      event(2, 'task.failed', 'one', { error: { code: 'AGENT_FAILED', message: 'no luck' } }),
      event(3, 'task.retrying', 'one', { dueAt: 99 }),
    );
    expect(stage(waiting, 'one')).toMatchObject({ status: 'ready', note: 'AGENT_FAILED: no luck', dueAt: 99 });
    expect(stage(reduceEvent(waiting, event(4, 'task.dispatched', 'one', { attempt: 2 })), 'one')).toMatchObject({
      status: 'dispatched',
      attempt: 2,
    });
  });

  test('keeps open questions until they are answered or the run ends', () => {
    const asked = after(event(1, 'decision.opened', 'one', { decision: 'd1', question: 'Really?', expiresAt: 5 }));
    expect(asked.decisions).toEqual([{ id: 'd1', stage: 'one', question: 'Really?', expiresAt: 5 }]);
    expect(reduceEvent(asked, event(2, 'decision.answered', 'one', { decision: 'd1', answer: 'yes' })).decisions).toEqual([]);
    expect(reduceEvent(asked, event(2, 'run.cancelled', undefined, { reason: 'enough' }))).toMatchObject({
      status: 'cancelled',
      reason: 'enough',
      decisions: [],
    });
  });

  test('lets what succeeded stand when a run is retried', () => {
    const retried = after(
      event(1, 'task.succeeded', 'one', { attempt: 1 }),
      event(2, 'task.dead', 'two', { attempt: 4 }),
      event(3, 'run.failed'),
      event(4, 'run.retried'),
    );
    expect(retried.status).toBe('running');
    expect(stage(retried, 'one')?.status).toBe('succeeded');
    expect(stage(retried, 'two')).toEqual({ id: 'two', agent: 'noop', status: 'pending', attempt: 0 });
  });

  test('changes nothing but the number for an event that it does not know', () => {
    const before = after(event(1, 'run.started'));
    expect(reduceEvent(before, event(2, 'run.invented', undefined, { status: 'odd' }))).toEqual({ ...before, seq: 2 });
    expect(reduceEvent(before, event(2, 'task.invented', 'one', { attempt: 'x' }))).toEqual({ ...before, seq: 2 });
  });
});

describe('runScreen', () => {
  test('is never wider or higher than the terminal and never passes on control characters', () => {
    fc.assert(
      fc.property(
        fc.array(anyEvent, { maxLength: 20 }),
        fc.integer({ min: 10, max: 140 }),
        fc.integer({ min: 8, max: 40 }),
        (events, width, height) => {
          const model = events.reduce(reduceEvent, modelOf(run('running')));
          const lines = runScreen({ ...model, decisions: [] }, { width, height, now: 1_900_000_000_000, lost: 'connection lost' });
          expect(lines.length).toBeLessThanOrEqual(height);
          for (const line of runScreen(model, { width, height, now: 1_900_000_000_000 }).map((one) => paintLine(one, false))) {
            expect(widthOf(line)).toBeLessThanOrEqual(width);
            expect(line).not.toMatch(/\p{Cc}/u);
          }
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });

  test('shows a running stage with its bar, progress, note and time', () => {
    const model = after(
      event(1, 'run.started'),
      event(10, 'task.started', 'one', { attempt: 2 }),
      event(11, 'task.progress', 'one', { fraction: 0.5, note: 'half way' }),
    );
    const [head, one, two] = text(model);
    expect(head).toMatch(/^. demo {2}running {2}20\.0s {2}run run-1$/);
    expect(one).toMatch(/^. one noop █{6}░{6} {2}50% half way +try 2 +10\.0s$/);
    expect(two).toMatch(/^· two noop ░{12}$/);
  });

  test('says for which kind of agent a stage waits', () => {
    const model = after(event(1, 'task.dispatched', 'one', { agent: 'rare', attempt: 1 }));
    const missing = new Map([['rare', Date.parse('2030-01-01T00:00:05.000Z')]]);
    expect(text(model, 100, { missing }).join('\n')).toContain('no worker offers rare, for 15s');
  });

  test('shows an open question with options, default, time left and the command that answers it', () => {
    const decision = {
      id: 'd1',
      stage: 'one',
      question: 'Accept?',
      options: ['accept', 'reject'],
      default: { value: 'accept' },
      expiresAt: Date.parse('2030-01-01T00:01:00.000Z'),
    };
    const lines = text({ ...after(event(1, 'run.waiting')), decisions: [decision] });
    expect(lines.slice(-3)).toEqual([
      '? one asks: Accept?',
      '  answers: accept, reject · default: accept · 40s left',
      '  mainstay decide d1 accept',
    ]);
  });

  test('leaves out columns rather than the stage and its time on a narrow terminal', () => {
    const model = after(event(10, 'task.started', 'one', { attempt: 1 }), event(11, 'task.progress', 'one', { fraction: 0.5 }));
    expect(text(model, 20)[1]).toMatch(/^. one +10\.0s$/);
  });

  test('says that the connection is lost', () => {
    expect(text(after(), 60, { lost: 'connection lost, retrying' }).at(-1)).toBe('connection lost, retrying');
  });
});

describe('chooseStages', () => {
  const many = Array.from({ length: 100 }, (_, at) => ({
    id: `s${at}`,
    agent: 'noop',
    status: at < 50 ? 'succeeded' : at === 70 ? 'running' : 'pending',
    attempt: 1,
  }));

  test('keeps what runs, then the latest that ended, in order, and counts the others', () => {
    const { shown, hidden } = chooseStages(many, 4);
    expect(shown.map(({ id }) => id)).toEqual(['s48', 's49', 's70']);
    expect(hidden).toBe('… 97 more stages: 48 succeeded, 49 pending');
  });

  test('shows all where there is room', () => {
    expect(chooseStages(many, 100)).toEqual({ shown: many, hidden: '' });
  });
});

describe('text', () => {
  test('is cut by columns, not by characters', () => {
    expect(fitText('日本語', 5)).toBe('日本…');
    expect(fitText('日本語', 4)).toBe('日…');
    expect(padText('日本', 6)).toBe('日本  ');
    expect(padText('abc', 5, 'right')).toBe('  abc');
  });

  test('loses escape sequences, line breaks and marks that reorder it', () => {
    expect(clean('\u001b[2Ja\r\nb\u202e!')).toBe('a b!');
  });

  test('has colour only when it is wanted', () => {
    const line = fitLine([cell('ok', 'good'), cell('!')], 10);
    expect(paintLine(line, false)).toBe('ok!');
    expect(paintLine(line, true)).toBe('\u001b[32mok\u001b[39m!');
  });

  test.each([
    [0, '0.0s'],
    [59_900, '59.9s'],
    [59_990, '1m00s'],
    [185_000, '3m05s'],
    [7_620_000, '2h07m'],
    [356_400_000, '4d03h'],
    [-5, '0.0s'],
  ])('%i ms is %s', (ms, expected) => {
    expect(duration(ms)).toBe(expected);
  });

  test('counts down in whole seconds, rounded up', () => {
    expect([countdown(1), countdown(28_000), countdown(61_000)]).toEqual(['1s', '28s', '1m01s']);
  });
});

describe('describeEvent', () => {
  test('gives each event one line', () => {
    expect(describeEvent(event(5, 'task.progress', 'one', { fraction: 0.43, note: '100\nfiles' }))).toBe('00:00:05  one: 43%, 100 files');
    expect(describeEvent(event(6, 'run.failed', undefined, { error: { code: 'RUN_FAILED', message: 'no' } }))).toBe(
      '00:00:06  run: failed: RUN_FAILED: no',
    );
    expect(describeEvent(event(7, 'decision.answered', 'one', { answer: 'accept', by: 'ada' }))).toBe(
      '00:00:07  one: answered "accept", by ada',
    );
  });

  test('does not stumble over events that it does not know', () => {
    expect(describeEvent({ seq: 1, at: 'soon', type: 'task.invented', task: 'one' })).toBe('soon  one: invented');
    fc.assert(
      fc.property(anyEvent, (one) => expect(describeEvent(one)).not.toMatch(/\p{Cc}/u)),
      { seed: 7, numRuns: 200 },
    );
  });
});
