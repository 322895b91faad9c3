/** Compares by text: rows are always locked in the same order, so that transactions wait for each other and never in a circle. */
export function byTextOf<T>(textOf: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => {
    const [left, right] = [textOf(a), textOf(b)];
    return left < right ? -1 : left > right ? 1 : 0;
  };
}

/** Two names as one key; no pair of other names gives the same. */
export function pairKey(first: string, second: string): string {
  return `${first}\0${second}`;
}
