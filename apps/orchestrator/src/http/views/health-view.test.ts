import { describe, expect, test } from '@jest/globals';
import { healthParts, healthScore } from './health-view.ts';

const ok = { status: 'ok', latencyMs: 1 } as const;
const failed = { status: 'failed', latencyMs: 1 } as const;
const calm = { memory: 0.2, lagP99Ms: 2 };
const worker = { draining: false };

describe('health score', () => {
  test('is 1 when everything is well', () => {
    const parts = healthParts({ checks: { postgres: ok, redis: ok } }, [worker], [], calm);
    expect(parts).toEqual({ dependencies: 1, agents: 1, memory: 1, eventLoop: 1 });
    expect(healthScore(parts)).toBe(1);
  });

  test('is 0 when no dependency is there', () => {
    expect(healthScore(healthParts({ checks: { postgres: failed } }, [worker], [], calm))).toBe(0);
  });

  test('sinks with memory and with the delay of the event loop', () => {
    const parts = healthParts({ checks: {} }, [worker], [], { memory: 0.85, lagP99Ms: 275 });
    expect(parts).toMatchObject({ memory: 0.5, eventLoop: 0.5 });
    expect(healthScore(parts)).toBe(0.25);
    expect(healthParts({ checks: {} }, [worker], [], { memory: 1.2, lagP99Ms: 9_999 })).toMatchObject({ memory: 0, eventLoop: 0 });
  });

  test('knows missing workers and missing kinds', () => {
    expect(healthParts({ checks: {} }, [], [], calm).agents).toBe(0.5);
    expect(healthParts({ checks: {} }, [{ draining: true }], [], calm).agents).toBe(0.5);
    expect(healthParts({ checks: {} }, [worker], [{ agent: 'x', waiting: 1, since: 1 }], calm).agents).toBe(0.7);
  });
});
