import { describe, expect, test } from '@jest/globals';
import { commandCalls, perSecond, statementsIn } from './counters.ts';

describe('commandCalls', () => {
  test('reads calls by command, with subcommands', () => {
    const info = '# Commandstats\r\ncmdstat_get:calls=12,usec=30,usec_per_call=2.5\r\ncmdstat_config|get:calls=1,usec=4\r\n';
    expect(commandCalls(info)).toEqual({ get: 12, 'config|get': 1 });
  });
});

describe('perSecond', () => {
  test('tells what was added, the most first, and nothing else', () => {
    const rates = perSecond({ get: 10, ping: 5 }, { get: 12, ping: 5, xread: 8 }, 2);
    expect(Object.entries(rates)).toEqual([
      ['xread', 4],
      ['get', 1],
    ]);
  });
});

describe('statementsIn', () => {
  test('counts simple and prepared statements of that database', () => {
    const log = [
      '[bench] LOG:  statement: select   1 from somewhere',
      '[bench] LOG:  execute due: ',
      '\tselect 1',
      '\t  from somewhere',
      '[bench] DETAIL:  parameters: $1 = 1',
      '[other] LOG:  statement: select 2',
      'LOG:  checkpoint starting: time',
    ].join('\n');
    expect(statementsIn(log, 'bench')).toEqual({ 'select 1 from somewhere': 2 });
  });
});
