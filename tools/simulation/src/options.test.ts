import { describe, expect, test } from '@jest/globals';
import { parseOptions } from './options.ts';

describe('the options', () => {
  test('have defaults', () => {
    expect(parseOptions([])).toEqual({
      options: { from: 1, seeds: 1_000, steps: Infinity, minutes: Infinity, faults: undefined, keepGoing: false, verbose: false },
    });
  });

  test('without a number of seeds another limit holds', () => {
    expect(parseOptions(['--steps', '5000000', '--from', '7'])).toMatchObject({ options: { from: 7, seeds: Infinity, steps: 5_000_000 } });
  });

  test('name one seed and some of its faults', () => {
    expect(parseOptions(['--seed', '12', '--faults', '0,3'])).toMatchObject({ options: { from: 12, seeds: 1, faults: [0, 3] } });
    expect(parseOptions(['--seed', '12', '--faults', ''])).toMatchObject({ options: { faults: [] } });
  });

  test.each([['--seeds', 'many'], ['--seeds', '-1'], ['--faults', '1'], ['--verbose'], ['--unknown']])('refuse %s %s', (...args) => {
    expect(parseOptions(args.filter((arg) => typeof arg === 'string'))).toHaveProperty('problem');
  });
});
