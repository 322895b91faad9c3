import { describe, expect, test } from '@jest/globals';
import { maskSecret } from './mask.ts';
import { SecretsSum } from './secrets-sum.ts';

describe('maskSecret', () => {
  test.each([
    ['', '*** (0 characters)'],
    ['abc', '*** (3 characters)'],
    ['abcdefgh', 'ab*** (8 characters)'],
    ['abcdefghijklmnopqrstuvwxyz', 'abcd*** (26 characters)'],
    ['\n\u0001aaaaaaaaaa', '??a*** (12 characters)'],
  ])('%j becomes %s', (secret, masked) => {
    expect(maskSecret(secret)).toBe(masked);
  });

  test('never shows more than a quarter', () => {
    for (let length = 0; length < 100; length++) {
      expect(maskSecret('x'.repeat(length)).split('*')[0]?.length).toBeLessThanOrEqual(length / 4);
    }
  });
});

describe('SecretsSum', () => {
  const said = (...lines: unknown[]): Buffer => Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

  test('adds up findings however the bytes are cut, those outside tests first', () => {
    const bytes = said(
      { file: 1, line: 3, rule: 'aws/Key', masked: 'AK*** (ä)' },
      { file: 0, line: 7, rule: 'aws/Key', masked: 'AK***' },
      { unread: 2, why: 'Error' },
      { done: 3 },
    );
    for (let cut = 0; cut <= bytes.length; cut += 7) {
      const progress: string[] = [];
      const sum = new SecretsSum(['src/a.ts', 'test/b.ts', 'c'], (_, note) => progress.push(note));
      sum.push(bytes.subarray(0, cut));
      sum.push(bytes.subarray(cut));
      expect(sum.result(0)).toMatchObject({
        measured: true,
        findings: 2,
        inTests: 1,
        filesChecked: 2,
        rules: [{ rule: 'aws/Key', count: 2 }],
        places: [
          { path: 'src/a.ts', line: 7, test: false },
          { path: 'test/b.ts', line: 3, masked: 'AK*** (ä)', test: true },
        ],
      });
      expect(progress).toEqual(['3 of 3 files, 2 findings']);
    }
  });

  test('keeps a bounded list and counts all', () => {
    const sum = new SecretsSum(['a'], () => undefined);
    for (let line = 0; line < 5000; line++) sum.push(said({ file: 0, line, rule: 'r', masked: '***' }));
    expect(sum.result(0)).toMatchObject({ findings: 5000, places: { length: 200 } });
  });
});
