import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { readCgroup } from './cgroup.ts';

const roots: string[] = [];

/** A folder with these files. */
function rootWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'cgroup-'));
  roots.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

describe('readCgroup, version 2', () => {
  test('of a container, whose own group is the root', () => {
    const root = rootWith({
      'proc/self/cgroup': '0::/\n',
      'sys/fs/cgroup/memory.max': '536870912\n',
      'sys/fs/cgroup/memory.current': '300000000\n',
      'sys/fs/cgroup/memory.stat': 'anon 1\ninactive_file 100000000\nactive_file 5\n',
      'sys/fs/cgroup/cpu.max': '150000 100000\n',
    });
    expect(readCgroup(root)).toEqual({ memoryLimitBytes: 536_870_912, memoryUsedBytes: 200_000_000, cpuCores: 1.5 });
  });

  test('the lowest limit of the groups above holds, and "max" is none', () => {
    const root = rootWith({
      'proc/self/cgroup': '0::/system.slice/mainstay.service\n',
      'sys/fs/cgroup/system.slice/mainstay.service/memory.max': 'max\n',
      'sys/fs/cgroup/system.slice/mainstay.service/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/system.slice/mainstay.service/memory.current': '1000\n',
      'sys/fs/cgroup/system.slice/memory.max': '2000\n',
      'sys/fs/cgroup/system.slice/cpu.max': '50000 100000\n',
    });
    expect(readCgroup(root)).toEqual({ memoryLimitBytes: 2_000, memoryUsedBytes: 1_000, cpuCores: 0.5 });
  });
});

describe('readCgroup, version 1', () => {
  const groups = '5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n0::/\n';

  test('with limits', () => {
    const root = rootWith({
      'proc/self/cgroup': groups,
      'sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes': '1073741824\n',
      'sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes': '500\n',
      'sys/fs/cgroup/memory/docker/abc/memory.stat': 'cache 9\ntotal_inactive_file 100\n',
      'sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us': '200000\n',
      'sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us': '100000\n',
    });
    expect(readCgroup(root)).toEqual({ memoryLimitBytes: 1_073_741_824, memoryUsedBytes: 400, cpuCores: 2 });
  });

  test('within a container, where the path is that of the host and the files are at the mount', () => {
    const root = rootWith({
      'proc/self/cgroup': groups,
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '1000\n',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    });
    expect(readCgroup(root)).toEqual({ memoryLimitBytes: 1_000 });
  });

  test('without limits', () => {
    const root = rootWith({ 'proc/self/cgroup': groups, 'sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes': '9223372036854771712\n' });
    expect(readCgroup(root)).toEqual({});
  });
});

describe('readCgroup, of anything else', () => {
  test('there is nothing, and nothing that can be read', () => {
    expect(readCgroup(rootWith({}))).toEqual({});
    const nonsense = { 'proc/self/cgroup': '0::/../../..\n::\n', 'sys/fs/cgroup/memory.max': 'many\n', 'sys/fs/cgroup/cpu.max': '\n' };
    expect(readCgroup(rootWith(nonsense))).toEqual({});
  });
});
