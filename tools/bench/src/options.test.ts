import { describe, expect, test } from '@jest/globals';
import { ENGINE_NAMES } from './engines.ts';
import { parseOptions } from './options.ts';
import { WORKLOAD_NAMES } from './workloads.ts';

describe('parseOptions', () => {
  test('measures everything in three rounds unless it is told otherwise', () => {
    expect(parseOptions([])).toEqual({
      options: {
        rounds: 3,
        workloads: WORKLOAD_NAMES,
        engines: ENGINE_NAMES,
        quick: false,
        json: 'tools/bench/results/latest.json',
        svg: 'tools/bench/results/latest.svg',
        profile: undefined,
      },
    });
  });

  test('quick is one round, unless rounds are asked for', () => {
    expect(parseOptions(['--quick'])).toMatchObject({ options: { rounds: 1, quick: true } });
    expect(parseOptions(['--quick', '--rounds', '5'])).toMatchObject({ options: { rounds: 5 } });
  });

  test('takes lists in any order and gives them in its own', () => {
    const parsed = parseOptions(['--workloads', 'recovery, chain', '--engines=restate,mainstay']);
    expect(parsed).toMatchObject({ options: { workloads: ['chain', 'recovery'], engines: ['mainstay', 'restate'] } });
  });

  test.each([
    [['--engines', 'dbos,temporal'], '--engines names "temporal"; there are mainstay, dbos'],
    [['--workloads', ''], '--workloads names ""; there are chain'],
    [['--rounds', '0'], '--rounds is "0"; it must be a whole number from 1 to 100'],
    [['--fast'], "Unknown option '--fast'"],
    [['chain'], "Unexpected argument 'chain'"],
  ])('says what is wrong with %j', (args, problem) => {
    expect(parseOptions(args)).toEqual({ problem: expect.stringContaining(problem) });
  });

  test('help names every option', () => {
    const parsed = parseOptions(['--help']);
    for (const option of ['--rounds', '--workloads', '--engines', '--quick', '--json', '--svg', '--profile'])
      expect(parsed).toEqual({ help: expect.stringContaining(option) });
  });
});
