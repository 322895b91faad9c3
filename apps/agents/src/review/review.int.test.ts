import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import type { BaseAgent, TaskContext } from '@mainstay/agent';
import { z } from 'zod';
import { reviewAgents } from './index.ts';
import { analyses, reportOutput } from './model.ts';
import { type SampleFolder, sampleFolder } from './testing/sample-folder.ts';

jest.setTimeout(180_000);

const stage = z.looseObject({
  id: z.string(),
  agent: z.string(),
  needs: z.array(z.string()).default([]),
  input: z.record(z.string(), z.string()),
  gate: z.string().optional(),
  onFailure: z.object({ action: z.literal('degrade'), output: z.unknown() }).optional(),
});
const definition = z.object({ name: z.literal('review'), stages: z.array(stage), output: z.record(z.string(), z.string()) });

const read = async (): Promise<z.infer<typeof definition>> =>
  definition.parse(JSON.parse(await readFile(fileURLToPath(new URL('../../pipelines/review.json', import.meta.url)), 'utf8')));

/** What the review agents use of their context. */
const context = (run: string): TaskContext =>
  ({
    run,
    signal: new AbortController().signal,
    progress: () => Promise.resolve(),
    log: { debug: () => undefined },
  }) as unknown as TaskContext;

async function act(agents: readonly BaseAgent[], kind: string, input: unknown): Promise<unknown> {
  const agent = agents.find((one) => one.kind === kind);
  if (agent === undefined) throw new Error(`no agent of kind ${kind}`);
  return agent.output.parse(await agent.run(agent.input.parse(input), context('run-1')));
}

/** The pipeline by hand: the same agents in the same order, through their schemas. */
async function review(
  path: string,
  reports: SampleFolder,
): Promise<{ html: string; output: z.infer<typeof reportOutput>; figures: Record<string, unknown> }> {
  const agents = reviewAgents({ reportsDir: reports.path });
  const inventory = await act(agents, 'review-inventory', { path });
  const [lint, secrets, duplicates, dependencies] = await Promise.all(
    ['lint', 'secrets', 'duplicates', 'dependencies'].map((what) => act(agents, `review-${what}`, { path })),
  );
  const figures = { inventory, lint, secrets, duplicates, dependencies };
  const score = await act(agents, 'review-score', figures);
  const output = reportOutput.parse(await act(agents, 'review-report', { ...figures, score, outDir: '' }));
  return { html: await readFile(output.html, 'utf8'), output, figures };
}

describe('pipelines/review.json', () => {
  test('uses every review agent, and only those', async () => {
    const { stages } = await read();
    const kinds = reviewAgents({ reportsDir: '/tmp' }).map(({ kind }) => kind);
    expect(stages.map(({ agent }) => agent).sort()).toEqual([...kinds].sort());
  });

  test('needs only stages that come before, and every stage whose output it uses', async () => {
    const { stages } = await read();
    const above = new Map<string, Set<string>>();
    for (const { id, needs, input } of stages) {
      for (const need of needs) expect([...above.keys()]).toContain(need);
      const reached = new Set(needs.flatMap((need) => [need, ...(above.get(need) ?? [])]));
      above.set(id, reached);
      for (const [, used = ''] of JSON.stringify(input).matchAll(/stages\.(\w+)\./g)) expect(reached).toContain(used);
    }
  });

  test('what stands in for a failed stage satisfies its agent, and says that nothing was measured', async () => {
    const { stages } = await read();
    const degraded = stages.filter(({ onFailure }) => onFailure !== undefined);
    expect(degraded.map(({ id }) => id)).toEqual(['lint', 'duplicates', 'dependencies']);
    for (const { id, onFailure } of degraded) {
      const schema = analyses[z.enum(['lint', 'duplicates', 'dependencies']).parse(id)];
      expect(schema.parse(onFailure?.output)).toMatchObject({ measured: false });
    }
  });

  test('asks a person about secrets and goes on by itself', async () => {
    const { stages } = await read();
    expect(stages.filter(({ gate }) => gate !== undefined)).toEqual([
      expect.objectContaining({
        id: 'secrets',
        gate: 'output.findings == 0',
        onGateFailure: 'ask',
        ask: expect.objectContaining({ default: 'accept', timeoutMs: 30_000 }),
      }),
    ]);
  });
});

describe('a review', () => {
  test('of a repository with planted faults shows them all', async () => {
    const token = ['ghp', '_Zx81kQ0mV7yTnB4c', 'R2dLsW9eFgHjKpXqUaIo'].join('');
    const copied = Array.from(
      { length: 20 },
      (_, index) => `  if (value.part${String(index)} > ${String(index)}) total += weigh(value.part${String(index)}, ${String(index)});\n`,
    ).join('');
    await using reports = await sampleFolder();
    await using folder = await sampleFolder({
      'package.json': JSON.stringify({ name: 'planted', dependencies: { a: '1' } }),
      'src/one.js': `export function one(value, total, weigh) {\n${copied}  return total;\n}\n`,
      'src/two.js': `export function two(value, total, weigh) {\n${copied}  return total;\n}\n`,
      'src/bug.js': 'debugger;\n',
      'src/key.js': `export const key = '${token}';\n`,
    });
    await folder.git('init', '-q');
    await folder.commit('first');
    const { html, output, figures } = await review(folder.path, reports);
    expect(output.score).toBeLessThanOrEqual(59);
    for (const shown of ['src/key.js:1', 'no-debugger', 'src/one.js', 'has no lockfile', 'Hot spots']) expect(html).toContain(shown);
    expect(JSON.stringify([figures, output]) + html + (await readFile(output.markdown, 'utf8'))).not.toContain(token.slice(4));
  });

  test('of an empty folder is a report that says so', async () => {
    await using reports = await sampleFolder();
    await using folder = await sampleFolder();
    const { html, output } = await review(folder.path, reports);
    expect(output).toMatchObject({ score: null, grade: 'none', summary: 'There is nothing to review here.' });
    expect(html).toContain('Nothing to review');
  });

  test('of a single file reviews that file', async () => {
    await using reports = await sampleFolder();
    await using folder = await sampleFolder({ 'a.js': 'debugger;\n', 'b.js': 'debugger;\n' });
    const { html, output } = await review(join(folder.path, 'a.js'), reports);
    expect(output.score).not.toBeNull();
    expect(html).toContain('Review of a.js');
    expect(html).not.toContain('b.js');
  });

  test('of a path that does not exist is refused at the first stage, for good', async () => {
    await using reports = await sampleFolder();
    await expect(review('/no/such/path', reports)).rejects.toMatchObject({
      code: 'AGENT_REJECTED',
      disposition: 'terminal',
      message: expect.stringContaining('does not exist'),
    });
  });

  test('of 5,000 files keeps memory and outputs bounded', async () => {
    await using reports = await sampleFolder();
    await using folder = await sampleFolder();
    const body = 'const value = 1;\n// a comment that fills the line up to some length\nexport default value;\n'.repeat(20);
    for (let block = 0; block < 50; block++) {
      await folder.write(
        Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`src/d${String(block)}/f${String(index)}.js`, `debugger;\n${body}`])),
      );
    }
    await folder.git('init', '-q');
    const before = process.memoryUsage().rss;
    const { figures } = await review(folder.path, reports);
    expect(figures['inventory']).toMatchObject({ files: 5000, codeFiles: 5000 });
    expect(figures['lint']).toMatchObject({ filesChecked: 5000 });
    expect(figures['secrets']).toMatchObject({ filesChecked: 5000, findings: 0 });
    expect(JSON.stringify(figures).length).toBeLessThan(256 * 1024);
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 ** 2);
  });
});
