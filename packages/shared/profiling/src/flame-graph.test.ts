import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { flameGraph } from './flame-graph.ts';
import { flameLayout } from './flame-layout.ts';
import { flameTree } from './flame-tree.ts';
import { type SampleStack, sampleProfile } from './testing/sample-profile.ts';

const names = fc.constantFrom(
  '(idle)',
  'a',
  'b@file:///w/apps/x/b.ts',
  'c@file:///w/node_modules/d/c.js',
  'd@node:fs',
  '(garbage collector)',
);
const stacks: fc.Arbitrary<readonly SampleStack[]> = fc.array(
  fc.tuple(fc.array(names, { maxLength: 6 }), fc.integer({ min: -10, max: 100_000 })),
  { maxLength: 40 },
);

/** Fails for what an XML parser would refuse: elements that do not match, bare `<` and `&`, characters that XML has not. */
function checkXml(text: string): void {
  const open: string[] = [];
  const rest = text.replaceAll(
    /<(\/?)([a-z]+)((?: [a-zA-Z-]+="[^"<&]*")*)(\/?)>/g,
    (_all, end: string, name: string, _at, alone: string) => {
      if (end === '/') expect(open.pop()).toBe(name);
      else if (alone === '') open.push(name);
      return '';
    },
  );
  expect(open).toEqual([]);
  expect(rest.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toMatch(/[<&\p{Cs}]|[^\P{Cc}\n\r\t]/u);
}

describe('flameTree', () => {
  test('merges equal stacks, leaves idle time out, and puts the longest first', () => {
    const tree = flameTree(
      sampleProfile([
        [['main', 'short'], 1_000],
        [['main', 'long'], 2_000],
        [['(idle)'], 50_000],
        [['main', 'long'], 3_000],
        [['main'], 500],
      ]),
    );
    expect(tree).toMatchObject({ name: 'all', totalMicros: 6_500, children: [{ name: 'main', selfMicros: 500, totalMicros: 6_500 }] });
    expect(tree.children[0]?.children.map(({ name, totalMicros }) => [name, totalMicros])).toEqual([
      ['long', 5_000],
      ['short', 1_000],
    ]);
  });

  test('cuts stacks that are too deep and keeps their time', () => {
    const deep = Array.from({ length: 20_000 }, () => 'again');
    const tree = flameTree(sampleProfile([[deep, 1_000]]), 3);
    expect(tree).toMatchObject({ totalMicros: 1_000, children: [{ children: [{ children: [{ selfMicros: 1_000, children: [] }] }] }] });
  });

  test('ends with a file whose stacks go in circles', () => {
    const frame = { functionName: 'x', url: '', lineNumber: 0 };
    const circle = [
      { id: 1, callFrame: frame, children: [2, 9] },
      { id: 2, callFrame: frame, children: [1, 2] },
    ];
    expect(flameTree({ nodes: circle, samples: [2, 1], timeDeltas: [5, 7] }).totalMicros).toBe(12);
  });
});

describe('flameLayout', () => {
  test('gives each box the share of its time; children and own time add up to the box, and nothing overlaps', () => {
    fc.assert(
      fc.property(stacks, (given) => {
        const root = flameTree(sampleProfile(given));
        const boxes = flameLayout(root, 1_000, 0);
        for (const { node, x, width, depth } of boxes) {
          expect(width).toBeCloseTo((1_000 * node.totalMicros) / root.totalMicros, 6);
          const inner = boxes.filter((box) => node.children.includes(box.node));
          const own = (1_000 * node.selfMicros) / root.totalMicros;
          expect(inner.reduce((sum, box) => sum + box.width, own)).toBeCloseTo(width, 6);
          let at = x;
          for (const box of inner.sort((a, b) => a.x - b.x)) {
            expect(box.depth).toBe(depth + 1);
            expect(box.x).toBeCloseTo(at, 6);
            at = box.x + box.width;
          }
        }
        expect(boxes.filter(({ depth }) => depth === 0)).toHaveLength(root.totalMicros > 0 ? 1 : 0);
      }),
    );
  });

  test('leaves out what is too small to see, with all that it called', () => {
    const root = flameTree(
      sampleProfile([
        [['large'], 99_950],
        [['small', 'inner'], 50],
      ]),
    );
    expect(flameLayout(root, 1_200, 0.001).map(({ node }) => node.name)).toEqual(['all', 'large']);
  });
});

describe('flameGraph', () => {
  test('is a well-formed picture, whatever functions are called', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 10 }),
        fc.string({ unit: 'binary' }),
        (functions, title) => {
          checkXml(flameGraph(sampleProfile(functions.map((name) => [[name.replaceAll('@', ''), 'inner'], 100])), { title }));
        },
      ),
    );
  });

  test('shows no control character of those that XML would allow', () => {
    checkXml(flameGraph(sampleProfile([[['\u007f', '\u0080', '\u009f'], 100]]), { title: '\u0085' }));
  });

  test('says of each function its time, its share and whose it is', () => {
    const svg = flameGraph(
      sampleProfile([
        [['<main>@file:///w/apps/agents/src/main.ts'], 1_000],
        [['<main>@file:///w/apps/agents/src/main.ts', 'parse@file:///w/node_modules/zod/index.js'], 3_000],
        [['(idle)'], 6_000],
      ]),
      { title: 'a & b' },
    );
    checkXml(svg);
    expect(svg).toContain('a &amp; b');
    expect(svg).toContain(
      '<title>&lt;main&gt;\napps/agents/src/main.ts:1\n4.0 ms (100.0 %), 1.0 ms (25.0 %) itself</title><rect class="own"',
    );
    expect(svg).toContain('<title>parse\nzod/index.js:1\n3.0 ms (75.0 %), 3.0 ms (75.0 %) itself</title><rect class="dependency"');
    expect(svg).toContain('our code 25.0 %');
    expect(svg).not.toContain('idle');
  });

  test('of a time in which nothing ran has no boxes', () => {
    const svg = flameGraph(sampleProfile([[['(idle)'], 6_000]]));
    checkXml(svg);
    expect(svg).not.toContain('<g>');
  });
});
