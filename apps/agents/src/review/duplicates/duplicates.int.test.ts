import { describe, expect, jest, test } from '@jest/globals';
import { duplicatesOutput } from '../model.ts';
import { sampleFolder, sampleWork } from '../testing/sample-folder.ts';
import { duplicates } from './duplicates.ts';

/** Real processes on a machine that may be busy. */
jest.setTimeout(60_000);

const block = `export function total(orders) {
  let sum = 0;
  for (const order of orders) {
    if (order.cancelled) continue;
    for (const item of order.items) {
      const price = item.price * item.amount;
      const tax = price * (item.taxRate ?? 0.19);
      sum += price + tax - (order.discount ?? 0);
    }
  }
  if (sum < 0) throw new RangeError('negative total');
  return Math.round(sum * 100) / 100;
}
`;

describe('duplicates', () => {
  test('finds a planted copy and says where', async () => {
    await using folder = await sampleFolder({
      'src/a.js': `export const first = 1;\n${block}`,
      'src/b.js': `export const second = 'two';\nexport const third = 3;\n${block}`,
      'src/c.js': 'export const other = (x) => x ** 2;\n',
      'test/a.test.js': block,
      'vendor/copy.js': block,
    });
    const found = duplicatesOutput.parse(await duplicates({ path: folder.path }, sampleWork()));
    expect(found).toMatchObject({ measured: true, clones: 1 });
    expect(found.largest[0]).toMatchObject({ language: 'javascript', first: { path: expect.stringMatching(/^src\/[ab]\.js$/) } });
    expect(found.files.map(({ path }) => path).sort()).toEqual(['src/a.js', 'src/b.js']);
    expect(found.duplicatedLines).toBeGreaterThanOrEqual(22);
    expect(found.percentage).toBeGreaterThan(50);
  });

  test("the target's own configuration is not obeyed", async () => {
    await using folder = await sampleFolder({
      'a.js': block,
      'b.js': block,
      '.jscpd.json': JSON.stringify({ ignore: ['**'], minLines: 1000, exitCode: 1 }),
      'package.json': JSON.stringify({ jscpd: { ignore: ['**'] } }),
    });
    expect((await duplicates({ path: folder.path }, sampleWork())).clones).toBe(1);
  });

  test('code without copies has none', async () => {
    await using folder = await sampleFolder({ 'a.js': block, 'b.ts': 'export const x: number = 1;\n' });
    expect(await duplicates({ path: folder.path }, sampleWork())).toMatchObject({ clones: 0, percentage: 0, duplicatedLines: 0 });
  });

  test('a folder without code is not measured', async () => {
    await using folder = await sampleFolder({ 'a.md': block });
    expect(await duplicates({ path: folder.path }, sampleWork())).toMatchObject({ measured: false, clones: 0 });
  });
});
