import type { CallFrame } from './cpu-profile.ts';

/** Whose code a function is. `native`: of V8 and Node in C++, and code that was generated at run time. */
export const OWNERS = ['own', 'dependency', 'node', 'gc', 'native'] as const;
export type Owner = (typeof OWNERS)[number];

/** The name by which V8 calls time in which nothing ran. */
const IDLE = '(idle)';

export function isIdle({ functionName }: CallFrame): boolean {
  return functionName === IDLE;
}

export function ownerOf({ functionName, url }: CallFrame): Owner {
  if (functionName === '(garbage collector)') return 'gc';
  if (url === '' || url.startsWith('wasm:')) return 'native';
  if (url.startsWith('node:')) return 'node';
  return url.includes('/node_modules/') ? 'dependency' : 'own';
}

export const ANONYMOUS = '(anonymous)';

export function nameOf({ functionName }: CallFrame): string {
  return functionName === '' ? ANONYMOUS : functionName;
}

/** File and line, where there is one: without what is the same for all, the way to the packages or to the workspace. */
export function placeOf({ url, lineNumber }: CallFrame): string {
  return url === '' ? '' : `${fileOf(url)}:${lineNumber + 1}`;
}

/** The package or folder that the function is in; for what has no file, its own name. */
export function folderOf(frame: CallFrame): string {
  const { url } = frame;
  if (url === '') return nameOf(frame);
  if (url.startsWith('wasm:')) return 'WebAssembly';
  const file = fileOf(url);
  if (/^(?:apps|packages|tools)\//.test(file)) return file.split('/').slice(0, -1).join('/');
  if (file.startsWith('node:')) return file;
  if (file.startsWith('file:')) return file.split('/').slice(0, -1).join('/');
  return file.split('/', file.startsWith('@') ? 2 : 1).join('/');
}

function fileOf(url: string): string {
  return url.replace(/^.*\/node_modules\//, '').replace(/^file:.*?\/((?:apps|packages|tools)\/)/, '$1');
}
