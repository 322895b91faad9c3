import { describe, expect, test } from '@jest/globals';
import { publishedManifest, type SourceManifest } from './published-manifest.ts';

const source: SourceManifest = {
  ...{ name: '@mainstay/x', version: '1.2.3', license: 'Apache-2.0' },
  exports: { '.': './src/index.ts', './testing': './src/testing/index.ts' },
  dependencies: { '@mainstay/types': '*', zod: '4.6.7' },
};

describe('publishedManifest', () => {
  test('leads to what was built, and wants the packages beside it in the same version', () => {
    expect(publishedManifest(source)).toEqual({
      ...{ name: '@mainstay/x', version: '1.2.3', license: 'Apache-2.0', type: 'module', engines: { node: '>=22' }, sideEffects: false },
      ...{ files: ['dist'], types: './dist/index.d.ts' },
      exports: {
        '.': { types: './dist/index.d.ts', default: './dist/index.js' },
        './testing': { types: './dist/testing/index.d.ts', default: './dist/testing/index.js' },
        './package.json': './package.json',
      },
      dependencies: { '@mainstay/types': '1.2.3', zod: '4.6.7' },
    });
  });

  test('takes up what the code needs beyond it', () => {
    expect(publishedManifest(source, { types: { '@types/node': '24.0.0' }, runners: { jest: '*' } })).toMatchObject({
      dependencies: { zod: '4.6.7', '@types/node': '24.0.0' },
      ...{ peerDependencies: { jest: '*' }, peerDependenciesMeta: { jest: { optional: true } } },
    });
  });

  test('refuses what it could not lead to', () => {
    expect(() => publishedManifest({ ...source, exports: { '.': './lib/index.js' } })).toThrow('./lib/index.js');
    expect(() => publishedManifest({ ...source, exports: {} })).toThrow('exports no "."');
  });
});
