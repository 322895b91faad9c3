import { describe, expect, jest, test } from '@jest/globals';
import { secretsOutput } from '../model.ts';
import { sampleFolder, sampleWork } from '../testing/sample-folder.ts';
import { secrets } from './secrets.ts';

/** Real processes on a machine that may be busy. */
jest.setTimeout(60_000);

/** Put together here, so that no file of this repository holds anything that looks like a secret. */
const awsKey = ['AKIA', 'Q3EGRXKPT5XY', 'ZWVU'].join('');
const githubToken = ['ghp', '_Zx81kQ0mV7yTnB4c', 'R2dLsW9eFgHjKpXqUaIo'].join('');

describe('secrets', () => {
  test('finds planted secrets and shows none of them', async () => {
    await using folder = await sampleFolder({
      'src/config.ts': `export const a = 1;\nexport const token = '${githubToken}';\n`,
      'deploy/key.env': `AWS_ACCESS_KEY_ID=${awsKey}\n`,
      'test/fixture.txt': `${githubToken}\n`,
      'clean.md': 'nothing here\n',
      'empty.txt': '',
      'image.bin': Buffer.concat([Buffer.from([0, 1, 2]), Buffer.from(githubToken)]),
    });
    const work = sampleWork();
    const found = secretsOutput.parse(await secrets({ path: folder.path }, work));
    expect(found).toMatchObject({ measured: true, findings: 3, inTests: 1, filesChecked: 5 });
    expect(found.places.map(({ path, line, test }) => [path, line, test])).toEqual([
      ['deploy/key.env', 1, false],
      ['src/config.ts', 2, false],
      ['test/fixture.txt', 1, true],
    ]);
    expect(found.places[1]).toMatchObject({ rule: 'github/GITHUB_TOKEN', masked: 'ghp_*** (40 characters)' });
    expect(JSON.stringify([found, work.said])).not.toMatch(new RegExp(`${awsKey.slice(4)}|${githubToken.slice(4)}`));
  });

  test("the target's own configuration cannot turn rules off", async () => {
    await using folder = await sampleFolder({
      '.secretlintrc.json': '{"rules":[]}',
      '.secretlintignore': '**\n',
      'a.txt': `${githubToken}\n`,
    });
    expect((await secrets({ path: folder.path }, sampleWork())).findings).toBe(1);
  });

  test('a folder without files has no secrets and is not measured', async () => {
    await using folder = await sampleFolder();
    expect(await secrets({ path: folder.path }, sampleWork())).toMatchObject({ measured: false, findings: 0 });
  });

  test('files that are too large are left out, and the notes say so', async () => {
    await using folder = await sampleFolder({ 'large.log': 'x\n'.repeat(700_000), 'a.txt': 'a' });
    const { filesChecked, notes } = await secrets({ path: folder.path }, sampleWork());
    expect(filesChecked).toBe(1);
    expect(notes).toContain('1 file larger than 1 MiB was not searched.');
  });

  test('a search that takes too long fails and may be tried again: part of a search proves nothing', async () => {
    await using folder = await sampleFolder({ 'a.txt': githubToken });
    const run = secrets({ path: folder.path }, sampleWork(), { timeoutMs: 1, maxRssBytes: 1024 ** 3 });
    await expect(run).rejects.toMatchObject({
      code: 'AGENT_FAILED',
      disposition: 'retryable',
      message: expect.stringMatching(/0 of 1 files/),
    });
  });
});
