import { describe, expect, test } from '@jest/globals';
import { barChart, gauge, scatter, shorten, ticks, toneOf } from './charts.ts';
import { escapeHtml, escapeMarkdown, Html, markup } from './escape.ts';
import { formatBytes } from './format.ts';

describe('escapeHtml', () => {
  test('leaves no character that could begin markup or end an attribute', () => {
    expect(escapeHtml(`<img src=x onerror="a('b')">&`)).toBe('&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;');
  });

  test('makes characters visible that could make a name read as another', () => {
    expect(escapeHtml('a\u202egpj.exe\n\u0000')).toBe('a\\u202egpj.exe\\u000a\\u0000');
  });
});

describe('markup', () => {
  test('escapes every value once, and leaves alone what is safe', () => {
    expect(markup`<a title="${'"<'}">${markup`<b>${'&'}</b>`}${[new Html('<i>'), new Html('</i>')]}${7}</a>`.text).toBe(
      '<a title="&quot;&lt;"><b>&amp;</b><i></i>7</a>',
    );
  });
});

describe('escapeMarkdown', () => {
  test('leaves nothing that could end a cell, begin a link or be HTML', () => {
    expect(escapeMarkdown('a|b\n[x](y) <script> `c` \\')).toBe('a\\|b \\[x\\](y) \\<script\\> \\`c\\` \\\\');
  });
});

const numbers = (svg: string, attribute: string): number[] =>
  [...svg.matchAll(new RegExp(` ${attribute}="([^"]+)"`, 'g'))].map(([, value]) => Number(value));

describe('barChart', () => {
  const bars = [
    { label: 'half', value: 50 },
    { label: 'full', value: 100, tone: 'bad' as const },
    { label: 'none', value: 0, text: 'nothing' },
  ];

  test('draws lengths in proportion, with names and values', () => {
    const { text } = barChart('Sample', bars);
    const lengths = [...text.matchAll(/<rect class="(?:plain|bad)"[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width));
    expect(lengths).toEqual([140, 280, 0]);
    expect(text).toContain('aria-label="Sample"');
    expect(text).toContain('<title>none: nothing</title>');
  });

  test('nothing to draw is nothing, and zeros do not divide', () => {
    expect(barChart('x', []).text).toBe('');
    expect(barChart('x', [{ label: 'a', value: 0 }]).text).not.toContain('NaN');
  });

  test('values outside the scale stay inside the picture', () => {
    const { text } = barChart(
      'x',
      [
        { label: 'a', value: 500 },
        { label: 'b', value: -5 },
      ],
      100,
    );
    expect([...text.matchAll(/<rect class="plain"[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width))).toEqual([280, 0]);
  });

  test('names are escaped', () => {
    expect(barChart('x', [{ label: '</svg><script>', value: 1 }]).text).not.toContain('<script');
  });
});

describe('gauge', () => {
  test('fills in proportion and names the grade', () => {
    expect(gauge(50, 'E').text).toContain('stroke-dasharray="125.7 251.3"');
    expect(gauge(50, 'E').text).toContain('aria-label="Score: 50 of 100, grade E"');
    expect(gauge(null, 'none').text).toContain('nothing to review');
  });

  test('colours follow the grade', () => {
    expect([toneOf(80), toneOf(79), toneOf(60), toneOf(59)]).toEqual(['good', 'fair', 'fair', 'bad']);
  });
});

describe('scatter', () => {
  test('puts every dot inside its axes and names it', () => {
    const dots = Array.from({ length: 40 }, (_, index) => ({ label: `f${String(index)}.ts`, x: index, y: index * 37 }));
    const { text } = scatter('Hot spots', 'commits', 'lines', dots);
    expect(numbers(text, 'cx')).toHaveLength(40);
    for (const x of numbers(text, 'cx')) expect(x).toBeGreaterThanOrEqual(56);
    for (const x of numbers(text, 'cx')) expect(x).toBeLessThanOrEqual(616);
    for (const y of numbers(text, 'cy')) expect(y).toBeGreaterThanOrEqual(12);
    expect(text).toContain('<title>f39.ts: 39 commits, 1443 lines</title>');
    expect(scatter('x', 'a', 'b', []).text).toBe('');
    expect(scatter('x', 'a', 'b', [{ label: 'zero', x: 0, y: 0 }]).text).not.toContain('NaN');
  });
});

describe('ticks', () => {
  test.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [5, [0, 1, 2, 3, 4, 5]],
    [23, [0, 5, 10, 15, 20, 25]],
    [1000, [0, 200, 400, 600, 800, 1000]],
  ])('up to %d', (max, expected) => {
    expect(ticks(max)).toEqual(expected);
  });
});

test('a long path loses its beginning', () => {
  expect(shorten('a/very/long/path/to/file.ts', 10)).toBe('…o/file.ts');
  expect(shorten('short', 10)).toBe('short');
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [5 * 1024 ** 3, '5.0 GiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
