import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { BaseAgent, type TaskContext } from './index.ts';
import { withScene } from './testing/scene.ts';

class WordCount extends BaseAgent {
  readonly kind = 'word-count';
  readonly input = z.object({ text: z.string() });
  readonly output = z.object({ words: z.number().int() });
  async run(input: z.infer<typeof this.input>, ctx: TaskContext) {
    ctx.signal.throwIfAborted();
    await ctx.progress(0.5, 'counting');
    return { words: input.text.split(/\s+/).filter(Boolean).length };
  }
}

describe('BaseAgent', () => {
  test('runs when it is written as the documentation shows', async () => {
    await withScene([new WordCount()], {}, async (scene) => {
      expect(await scene.outcomeOf('word-count', { text: 'three small words' })).toEqual({ status: 'succeeded', output: { words: 3 } });
    });
  });

  test('refuses an input that its schema refuses, for good, and names the path', async () => {
    await withScene([new WordCount()], {}, async (scene) => {
      expect(await scene.outcomeOf('word-count', { text: 7 })).toMatchObject({
        status: 'failed',
        error: { code: 'AGENT_INPUT_INVALID', disposition: 'terminal', details: { issues: [{ path: 'text' }] } },
      });
    });
  });
});
