import { describe, expect, test } from '@jest/globals';
import type { WorkerEmergency } from '@mainstay/types';
import { z } from 'zod';
import { BaseAgent } from '../base-agent.ts';
import { TestAgent, waiting } from '../testing/agents.ts';
import { withScene } from '../testing/scene.ts';

class Described extends BaseAgent {
  readonly kind = 'described';
  override readonly version = '1.2.3';
  override readonly description = 'Says what it is';
  readonly input = z.object({ n: z.number().default(1) });
  readonly output = z.object({ at: z.date().transform((at) => at.toISOString()) });
  run(): Promise<{ at: string }> {
    return Promise.resolve({ at: '' });
  }
}

describe('heartbeats', () => {
  test('say who the worker is, what it can take and what runs', async () => {
    await withScene([waiting()], { capacity: 5, version: '9', host: 'here' }, async (scene) => {
      const task = scene.task('waiting', {});
      await scene.send(task);
      await scene.advance(1_000);
      expect(scene.heartbeats.at(-1)).toMatchObject({
        worker: 'worker-1',
        host: 'here',
        pid: process.pid,
        version: '9',
        capacity: 5,
        kinds: ['waiting'],
        draining: false,
        running: [{ run: task.run, task: task.task, fence: task.fence }],
      });
    });
  });

  test('come once per interval and carry the offers three times, and again when somebody says hello', async () => {
    await withScene([waiting()], { heartbeatMs: 1_000 }, async (scene) => {
      await scene.advance(4_000);
      expect(scene.heartbeats.map(({ offers }) => offers !== undefined)).toEqual([true, true, true, false, false]);
      await scene.tell({ v: 1, type: 'hello', from: 'orchestrator-1' });
      expect(scene.heartbeats).toHaveLength(6);
      expect(scene.heartbeats.at(-1)?.offers).toMatchObject([{ kind: 'waiting' }]);
    });
  });

  test('tell of emergencies while there are any to tell of', async () => {
    const emergencies: WorkerEmergency[] = [];
    await withScene([waiting()], { heartbeatMs: 1_000, emergencies: () => emergencies }, async (scene) => {
      emergencies.push({ at: 5, change: 'entered', triggers: ['memory'] });
      await scene.advance(1_000);
      emergencies.length = 0;
      await scene.advance(1_000);
      expect(scene.heartbeats.map((beat) => beat.emergencies)).toEqual([
        undefined,
        [{ at: 5, change: 'entered', triggers: ['memory'] }],
        undefined,
      ]);
    });
  });

  test('offer JSON Schemas, and {} where JSON Schema cannot say it', async () => {
    await withScene([new Described(), new TestAgent('any', (input) => Promise.resolve(input))], {}, async (scene) => {
      expect(scene.heartbeats[0]?.offers).toMatchObject([
        {
          kind: 'described',
          version: '1.2.3',
          description: 'Says what it is',
          input: { type: 'object', properties: { n: { type: 'number', default: 1 } } },
          output: { type: 'object', properties: { at: {} } },
        },
        { kind: 'any', input: {}, output: {} },
      ]);
    });
  });

  test('go on after an outage', async () => {
    await withScene([waiting()], {}, async (scene) => {
      scene.hub.disconnect('worker-1');
      await scene.advance(5_000);
      const before = scene.heartbeats.length;
      scene.hub.reconnect('worker-1');
      await scene.advance(2_000);
      expect(scene.heartbeats.length).toBe(before + 2);
    });
  });
});
