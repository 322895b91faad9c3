import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { routes } from './routes.ts';
import { ADMIN_KEY, type HttpScene, openScene } from './testing/http-scene.ts';
import { printed, readSteps, shapesOf, Shell, withAnswers } from './testing/walkthrough.ts';

const FILE = join(import.meta.dirname, '../../../../docs/HTTP-WALKTHROUGH.md');
/** `MAINSTAY_RECORD=1` writes the answers anew instead of comparing them. */
const RECORD = process.env['MAINSTAY_RECORD'] === '1';
const hasCurl = spawnSync('curl', ['--version']).status === 0;

async function walk(scene: HttpScene, scripts: readonly string[]): Promise<readonly string[]> {
  await using shell = new Shell({ BASE: scene.base, KEY: ADMIN_KEY });
  const answers: string[] = [];
  for (const [at, script] of scripts.entries()) answers.push(await shell.run(script, `end of step ${String(at)}`));
  return answers;
}

/** Routes by what the server has counted. */
async function calledRoutes(scene: HttpScene): Promise<ReadonlySet<string>> {
  const { text } = await scene.call('GET', '/metrics');
  const counted = text.matchAll(/^mainstay_http_requests_total\{(.*)\} \d+$/gm);
  return new Set(
    [...counted].map(([, labels = '']) => `${String(/method="(\w+)"/.exec(labels)?.[1])} ${String(/route="([^"]+)"/.exec(labels)?.[1])}`),
  );
}

// a bare machine may have no curl: then the commands cannot be run as they stand
(hasCurl ? describe : describe.skip)('docs/HTTP-WALKTHROUGH.md', () => {
  test('every command gives the recorded answer, and every route is called', async () => {
    await using scene = await openScene();
    const markdown = await readFile(FILE, 'utf8');
    const steps = readSteps(markdown);
    const answers = await walk(
      scene,
      steps.map(({ script }) => script),
    );
    if (RECORD) await writeFile(FILE, withAnswers(markdown, answers.map(printed)));
    else {
      for (const [at, { heading, script, answer = '' }] of steps.entries()) {
        expect({ heading, script, answer: shapesOf(answers[at] ?? '') }).toEqual({ heading, script, answer: shapesOf(answer) });
      }
      expect(steps.filter(({ answer }) => answer !== undefined).length).toBeGreaterThanOrEqual(40);
    }
    const called = await calledRoutes(scene);
    expect(routes.map(({ method, path }) => `${method.toUpperCase()} ${path}`).filter((route) => !called.has(route))).toEqual([]);
  }, 120_000);
});
