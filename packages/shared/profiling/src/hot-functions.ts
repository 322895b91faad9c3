/** What a CPU profile of V8 says, as far as it is used. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

export interface HotFunction {
  readonly name: string;
  /** Time in the function itself, in milliseconds and as a share of the time that was not idle. */
  readonly selfMs: number;
  readonly share: number;
}

/** The functions in which most time was spent, without those that they called. */
export function hotFunctions(profile: CpuProfile, count: number): readonly HotFunction[] {
  return hottest(profile, count, ({ functionName, url, lineNumber }) => `${functionName || '(anonymous)'} ${place(url)}:${lineNumber + 1}`);
}

/** The packages and folders in which most time was spent. */
export function hotPlaces(profile: CpuProfile, count: number): readonly HotFunction[] {
  return hottest(profile, count, ({ functionName, url }) => (url === '' ? functionName : folderOf(place(url))));
}

type CallFrame = CpuProfile['nodes'][number]['callFrame'];

function hottest(profile: CpuProfile, count: number, nameOf: (frame: CallFrame) => string): readonly HotFunction[] {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const micros = new Map<string, number>();
  profile.samples.forEach((id, index) => {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === '(idle)') return;
    const name = nameOf(frame);
    micros.set(name, (micros.get(name) ?? 0) + (profile.timeDeltas[index] ?? 0));
  });
  const busy = [...micros.values()].reduce((sum, value) => sum + value, 0);
  return [...micros]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, self]) => ({ name, selfMs: self / 1_000, share: self / busy }));
}

/** Without what is the same for all: the way to the packages or to the workspace. */
function place(url: string): string {
  return url.replace(/^.*\/node_modules\//, '').replace(/^file:.*?\/((?:apps|packages|tools)\/)/, '$1');
}

function folderOf(path: string): string {
  if (/^(?:apps|packages|tools)\//.test(path)) return path.split('/').slice(0, -1).join('/');
  return path.startsWith('node:') ? path : path.split('/', path.startsWith('@') ? 2 : 1).join('/');
}
