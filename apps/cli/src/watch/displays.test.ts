import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { modelOf } from '../render/run-model.ts';
import { reduceEvent } from '../render/reduce-event.ts';
import { event, run } from '../testing/run-facts.ts';
import { LiveDisplay } from './live-display.ts';
import { PlainDisplay } from './plain-display.ts';

const model = modelOf(run('running'));

function terminal(columns: number) {
  const output = Object.assign(new PassThrough(), { isTTY: true, columns, rows: 24 });
  let text = '';
  output.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { output, text: () => stripVTControlCharacters(text) };
}

describe('LiveDisplay', () => {
  test('leaves the last picture when it ends', () => {
    const { output, text } = terminal(60);
    const display = new LiveDisplay(output, false);
    display.event(event(1, 'run.succeeded'), reduceEvent(model, event(1, 'run.succeeded')));
    display.end();
    expect(text()).toContain('✔ demo  succeeded  1.0s  run run-1');
    expect(text()).toContain('· one');
  });

  test('draws nothing while somebody else has the terminal', async () => {
    const { output, text } = terminal(60);
    const display = new LiveDisplay(output, false);
    display.refresh(model);
    display.suspend();
    const before = text();
    display.event(event(1, 'run.started'), model);
    display.connection('connection lost');
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(text()).toBe(before);
    display.resume();
    display.end();
    expect(text()).toContain('connection lost');
  });
});

describe('PlainDisplay', () => {
  test('says once that the connection is lost, once that it is back, and once which agent is missing', () => {
    const lines: string[] = [];
    const display = new PlainDisplay((line) => lines.push(line));
    display.connection('connection lost, retrying in 1s…');
    display.connection('connection lost, retrying in 2s…');
    display.connection(undefined);
    display.missing(new Map([['rare', 0]]));
    display.missing(new Map([['rare', 0]]));
    expect(lines).toEqual(['connection lost, retrying in 1s…', 'connection is back', 'waiting: no worker offers the agent kind rare']);
  });

  test('shows a question with the command that answers it', () => {
    const lines: string[] = [];
    new PlainDisplay((line) => lines.push(line)).decision({ id: 'd1', stage: 'one', question: 'Ok?', options: ['yes', 'no'] });
    expect(lines).toEqual(['? one asks: Ok?', '  answers: yes, no', '  mainstay decide d1 yes']);
  });
});
