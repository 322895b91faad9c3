import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';

interface Report {
  readonly limitBytes: number;
  readonly peakBytes: number;
  readonly rssAtEnd: number;
  readonly entered: readonly string[];
  readonly left: number;
  readonly moments: Readonly<Record<'before' | 'entered' | 'acted' | 'left', { readonly atMs: number; readonly bytes: number }>>;
  readonly low: { readonly begun: number; readonly ended: number; readonly refused: number };
  readonly high: { readonly done: number; readonly failed: number };
}

describe('emergency mode of a real process', () => {
  test('work of low priority that takes all memory is ended, and the process comes out of it by itself', async () => {
    const program = fileURLToPath(new URL('../testing/memory-hog.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program], { timeout: 55_000 });
    const { limitBytes, peakBytes, rssAtEnd, entered, left, moments, low, high } = JSON.parse(stdout) as Report;
    expect(entered).toContain('memory');
    expect(left).toBe(1);
    expect(peakBytes).toBeGreaterThan(0.95 * limitBytes);
    expect(rssAtEnd).toBeLessThan(0.85 * limitBytes);
    expect(moments.entered.bytes).toBeGreaterThan(moments.before.bytes);
    expect(moments.acted.atMs).toBeGreaterThanOrEqual(moments.entered.atMs);
    expect(moments.left.atMs).toBeGreaterThan(moments.acted.atMs);
    expect(low.ended).toBe(low.begun);
    expect(low.refused).toBeGreaterThan(0);
    expect(high.failed).toBe(0);
    expect(high.done).toBeGreaterThan(0);
  });
});
