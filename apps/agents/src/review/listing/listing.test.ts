import { describe, expect, test } from '@jest/globals';
import { forEachBounded } from './bounded-map.ts';
import { batches, bySize } from './choose-files.ts';
import { isGenerated, isTest } from './file-roles.ts';
import { extensionOf, isCode, languageOf } from './languages.ts';
import { nulSplitter } from './list-paths.ts';

describe('languageOf', () => {
  test.each([
    ['src/a.ts', 'TypeScript'],
    ['a.d.ts', 'TypeScript'],
    ['Dockerfile', 'Dockerfile'],
    ['x/Makefile', 'Makefile'],
    ['A.PY', 'Python'],
    ['.gitignore', 'Other'],
    ['constructor', 'Other'],
    ['a.constructor', 'Other'],
    ['a.__proto__', 'Other'],
    ['', 'Other'],
  ])('%s is %s', (path, language) => {
    expect(languageOf(path)).toBe(language);
  });

  test('a leading dot begins a name, not an extension', () => {
    expect(extensionOf('a/.bashrc')).toBe('');
    expect(extensionOf('a/.eslintrc.json')).toBe('json');
  });

  test('documents and data are not code', () => {
    expect([isCode('Markdown'), isCode('JSON'), isCode('Other'), isCode('Go')]).toEqual([false, false, false, true]);
  });
});

describe('file roles', () => {
  test.each(['package-lock.json', 'a/yarn.lock', 'web/app.min.js', 'vendor/x.go', 'a.js.map', 'api_pb.ts'])('%s is generated', (path) => {
    expect(isGenerated(path)).toBe(true);
  });

  test.each(['src/vendors.ts', 'package.json', 'admin.js', 'map.ts'])('%s is not generated', (path) => {
    expect(isGenerated(path)).toBe(false);
  });

  test.each(['test/a.js', 'src/a.test.ts', 'src/a.int.test.ts', 'pkg/a_test.go', 'tests/test_x.py', 'a/__tests__/b.js'])(
    '%s is a test',
    (path) => {
      expect(isTest(path)).toBe(true);
    },
  );

  test.each(['src/latest.ts', 'contest/a.js', 'src/attest.go'])('%s is not a test', (path) => {
    expect(isTest(path)).toBe(false);
  });
});

describe('nulSplitter', () => {
  test('puts tokens together however the bytes are cut', () => {
    const bytes = Buffer.from('ä b\0\nc\0\0last');
    for (let cut = 0; cut <= bytes.length; cut++) {
      const tokens: string[] = [];
      const splitter = nulSplitter((token) => tokens.push(token));
      splitter.push(bytes.subarray(0, cut));
      splitter.push(bytes.subarray(cut));
      splitter.end();
      expect(tokens).toEqual(['ä b', '\nc', '', 'last']);
    }
  });
});

describe('batches', () => {
  test('are cut by number and by length, and lose nothing', () => {
    expect(batches(['a', 'b', 'c'], 2, 100)).toEqual([['a', 'b'], ['c']]);
    expect(batches(['aaaa', 'bbbb', 'c'], 10, 6)).toEqual([['aaaa'], ['bbbb', 'c']]);
    expect(batches(['too long for any'], 10, 3)).toEqual([['too long for any']]);
    expect(batches([], 10, 10)).toEqual([]);
  });

  test('sizes part what fits from what does not', () => {
    const [a, b] = [
      { path: 'a', bytes: 10 },
      { path: 'b', bytes: 11 },
    ];
    expect(bySize([a, b], 10)).toEqual({ fit: [a], tooLarge: [b] });
  });
});

describe('forEachBounded', () => {
  const signal = new AbortController().signal;

  test('does everything once, never more at a time than allowed', async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    await forEachBounded([1, 2, 3, 4, 5, 6, 7], 3, signal, async (item) => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running -= 1;
      done.push(item);
    });
    expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  test('rejects with the first failure and begins nothing more', async () => {
    const begun: number[] = [];
    const run = forEachBounded([1, 2, 3, 4], 1, signal, (item) => {
      begun.push(item);
      return item === 2 ? Promise.reject(new Error('two')) : Promise.resolve();
    });
    await expect(run).rejects.toThrow('two');
    expect(begun).toEqual([1, 2]);
  });

  test('stops at an abort', async () => {
    const abort = new AbortController();
    const run = forEachBounded([1, 2, 3], 1, abort.signal, () => {
      abort.abort(new Error('stop'));
      return Promise.resolve();
    });
    await expect(run).rejects.toThrow('stop');
  });
});
