import { expect, test } from '@jest/globals';
import { isUrgent } from './urgency.ts';

test.each<[string | undefined, boolean]>([
  ['u=0', true],
  ['u=2, i', true],
  ['i,u=1', true],
  ['u=3', false],
  ['u=12', false],
  ['nu=1', false],
  ['i', false],
  ['', false],
  [undefined, false],
])('isUrgent(%p) is %p', (header, urgent) => {
  expect(isUrgent(header)).toBe(urgent);
});
