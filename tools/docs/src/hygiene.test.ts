import { describe, expect, test } from '@jest/globals';
import { findings, registryHosts } from './hygiene.ts';
import { markdownFiles, repositoryFiles, textOf } from './repository.ts';

describe('the files of the repository', () => {
  test('name no machine and hold no secrets', () => {
    const files = repositoryFiles().filter((file) => file !== 'package-lock.json');
    expect(files.length).toBeGreaterThan(300);
    expect(files.flatMap((file) => findings(file, textOf(file)))).toEqual([]);
  });

  test('name no private package registry', () => {
    expect(registryHosts(textOf('package-lock.json')).filter((host) => host !== 'registry.npmjs.org')).toEqual([]);
    expect(textOf('.npmrc')).not.toMatch(/registry\s*=/);
  });

  test('are searched by rules that bite', () => {
    const joined = (...parts: string[]): string => parts.join('');
    const bad = [
      joined('see /ho', 'me/ann/notes'),
      joined('cd /wo', 'rk/x'),
      joined('AKI', 'A', 'Z'.repeat(16)),
      joined('ms', 't_', 'a'.repeat(24)),
      joined('-----BEGIN PRIV', 'ATE KEY-----MII'),
    ];
    expect(bad.map((line) => findings('x', line).length)).toEqual(bad.map(() => 1));
    expect(findings('x', 'a/work/b ./root/x /home')).toEqual([]);
    expect(registryHosts('"resolved": "https://packages.example.com/a.tgz"')).toEqual(['packages.example.com']);
  });
});

describe('documents', () => {
  test('README.md has 150 lines at most, those of the packages 100', () => {
    const lines = (file: string): number => textOf(file).trimEnd().split('\n').length;
    expect(lines('README.md')).toBeLessThanOrEqual(150);
    expect(markdownFiles().filter((file) => /^packages\/.*README\.md$/.test(file) && lines(file) > 100)).toEqual([]);
  });

  test('every decision record has its context, its decision and its bad consequences', () => {
    const records = markdownFiles().filter((file) => /^docs\/adr\/\d{4}-/.test(file));
    expect(records.length).toBeGreaterThanOrEqual(11);
    const numbers = records.map((file) => Number(/\d{4}/.exec(file)?.[0]));
    expect(numbers).toEqual(numbers.map((_number, index) => index + 1));
    for (const file of records) for (const heading of ['## Context', '## Decision', '### Bad']) expect(textOf(file)).toContain(heading);
  });
});
