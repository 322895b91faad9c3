/** Runs the garbage collector where Node exposes it (`--expose-gc`). True if it ran. */
export function collectGarbage(): boolean {
  const { gc } = globalThis;
  if (typeof gc !== 'function') return false;
  gc();
  return true;
}
