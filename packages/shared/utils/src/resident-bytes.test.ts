import { describe, expect, test } from '@jest/globals';
import { residentBytes } from './resident-bytes.ts';

describe('residentBytes', () => {
  test('is what the system tells, and the value before while it cannot be asked', () => {
    expect(residentBytes()).toBeGreaterThan(1_000_000);
    expect(residentBytes(() => 5)).toBe(5);
    const exhausted = (): number => {
      throw Object.assign(new Error('EMFILE: too many open files, uv_resident_set_memory'), { code: 'EMFILE' });
    };
    expect(residentBytes(exhausted)).toBe(5);
  });
});
