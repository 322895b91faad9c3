import { describe, expect, test } from '@jest/globals';
import { createLogger } from '@mainstay/observability';
import { systemClock } from '@mainstay/utils';
import { Trouble } from './trouble.ts';

describe('Trouble', () => {
  test('warns once per outage and tells its end, and is silent while all is well', () => {
    const lines: { level: string; msg: string; failures: number }[] = [];
    const logger = createLogger({
      service: 'test',
      destination: { write: (line: string) => lines.push(JSON.parse(line) as (typeof lines)[number]) },
    });
    const trouble = new Trouble('the look', logger, systemClock);
    trouble.worked();
    for (let outage = 0; outage < 2; outage++) {
      for (let i = 0; i < 5; i++) trouble.failed(new Error('away'));
      trouble.worked();
      trouble.worked();
    }
    expect(lines.map(({ level, msg, failures }) => [level, msg, failures])).toEqual([
      ['warn', 'the look failed; it is tried again until it works', 1],
      ['info', 'the look works again', 5],
      ['warn', 'the look failed; it is tried again until it works', 1],
      ['info', 'the look works again', 5],
    ]);
  });
});
