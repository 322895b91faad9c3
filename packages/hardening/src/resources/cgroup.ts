import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the control group of a process allows and uses. Absent: no limit, or unknown. */
export interface CgroupLimits {
  readonly memoryLimitBytes?: number;
  /** Without the page cache that can be given back at once. */
  readonly memoryUsedBytes?: number;
  /** Cores, a fraction included. */
  readonly cpuCores?: number;
}

/** Version 1 says "no limit" with the largest multiple of the page size; anything this large is none. */
const UNLIMITED_BYTES = 2 ** 60;

/**
 * Reads the limits of the process's own control group, version 1 or 2, from `/sys/fs/cgroup` and `/proc/self/cgroup` under
 * `root` (default `/`). A limit of a group above counts as well: the lowest holds. Never throws; what cannot be read is absent.
 */
export function readCgroup(root = '/'): CgroupLimits {
  const groups = (read(join(root, 'proc/self/cgroup')) ?? '').split('\n').filter((line) => line !== '');
  const mount = join(root, 'sys/fs/cgroup');
  const pathOf = (controller: string) =>
    groups.map((line) => line.split(':')).find(([, names]) => names?.split(',').includes(controller))?.[2];
  const memoryV1 = pathOf('memory');
  const cpuV1 = pathOf('cpu');
  const unified = groups.find((line) => line.startsWith('0::'))?.slice(3);
  return {
    ...(memoryV1 === undefined ? memoryOfV2(mount, unified) : memoryOfV1(join(mount, 'memory'), memoryV1)),
    ...(cpuV1 === undefined ? cpuOfV2(mount, unified) : cpuOfV1(join(mount, 'cpu'), cpuV1)),
  };
}

function memoryOfV2(mount: string, path: string | undefined): CgroupLimits {
  const folders = lineage(mount, path);
  const used = numberIn(folders, 'memory.current');
  const inactive = statIn(folders, 'inactive_file');
  return memory(lowest(folders, 'memory.max'), used, inactive);
}

function memoryOfV1(mount: string, path: string): CgroupLimits {
  const folders = lineage(mount, path);
  const used = numberIn(folders, 'memory.usage_in_bytes');
  const inactive = statIn(folders, 'total_inactive_file');
  return memory(lowest(folders, 'memory.limit_in_bytes'), used, inactive);
}

function memory(limit: number | undefined, used: number | undefined, inactive = 0): CgroupLimits {
  return {
    ...(limit === undefined || limit >= UNLIMITED_BYTES ? {} : { memoryLimitBytes: limit }),
    ...(used === undefined ? {} : { memoryUsedBytes: Math.max(0, used - inactive) }),
  };
}

function cpuOfV2(mount: string, path: string | undefined): CgroupLimits {
  const cores = lineage(mount, path).flatMap((folder) => {
    const [quota = NaN, period = NaN] = (read(join(folder, 'cpu.max')) ?? '').trim().split(' ').map(Number);
    return quota > 0 && period > 0 ? [quota / period] : [];
  });
  return cpu(cores);
}

function cpuOfV1(mount: string, path: string): CgroupLimits {
  const cores = lineage(mount, path).flatMap((folder) => {
    const quota = Number(read(join(folder, 'cpu.cfs_quota_us')) ?? NaN);
    const period = Number(read(join(folder, 'cpu.cfs_period_us')) ?? NaN);
    return quota > 0 && period > 0 ? [quota / period] : [];
  });
  return cpu(cores);
}

function cpu(cores: readonly number[]): CgroupLimits {
  return cores.length === 0 ? {} : { cpuCores: Math.min(...cores) };
}

/** The group's folder and those above it up to the mount. In a container the path is often that of the host: then the mount alone exists. */
function lineage(mount: string, path: string | undefined): string[] {
  const parts = (path ?? '/').split('/').filter((part) => part !== '' && part !== '..');
  return Array.from({ length: parts.length + 1 }, (_, up) => join(mount, ...parts.slice(0, parts.length - up)));
}

function lowest(folders: readonly string[], file: string): number | undefined {
  const limits = folders.map((folder) => Number(read(join(folder, file)) ?? NaN)).filter((limit) => limit > 0);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/** Of the nearest group that has the file. */
function numberIn(folders: readonly string[], file: string): number | undefined {
  for (const folder of folders) {
    const text = read(join(folder, file));
    if (text !== undefined && Number.isFinite(Number(text))) return Number(text);
  }
  return undefined;
}

function statIn(folders: readonly string[], key: string): number | undefined {
  for (const folder of folders) {
    const [, value] = new RegExp(`^${key} (\\d+)$`, 'm').exec(read(join(folder, 'memory.stat')) ?? '') ?? [];
    if (value !== undefined) return Number(value);
  }
  return undefined;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
