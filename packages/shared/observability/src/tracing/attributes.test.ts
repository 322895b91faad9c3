import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { isRedactedKey } from '../redacted-keys.ts';
import { spanAttributes } from './attributes.ts';

const DOC = new URL('../../../../../docs/OBSERVABILITY.md', import.meta.url);

test('the attributes of spans are those that the documentation names, and none is redacted by its name', () => {
  const [, table = ''] = /<!-- span attributes: begin -->([\s\S]*)<!-- span attributes: end -->/.exec(readFileSync(DOC, 'utf8')) ?? [];
  const documented = [...table.matchAll(/^\| `([^`]+)`\s+\| (.*?)\s+\|$/gm)].map(([, name, says]) => [name, says]);
  expect(documented).toEqual(Object.entries(spanAttributes));
  expect(Object.keys(spanAttributes).filter(isRedactedKey)).toEqual([]);
});
