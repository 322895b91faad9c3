/** Tasks that the tests of the thread pool run. */
export function double(value: number): number {
  return 2 * value;
}

export function forever(): never {
  for (;;);
}

export function hog(): number {
  const kept: number[][] = [];
  for (;;) kept.push(new Array<number>(100_000).fill(kept.length));
}

export function fail(): never {
  throw new RangeError('out of range');
}
