import type { Services } from './acquire-services.ts';

const KEY = Symbol.for('mainstay.test-services');
const store = globalThis as typeof globalThis & { [KEY]?: Services[] | undefined };

/** Keeps services until the end of the jest run. Set-up and tear-down may be loaded as separate copies of this module. */
export function holdForRun(services: Services): void {
  store[KEY] = [...(store[KEY] ?? []), services];
}

/** Gives back what was kept. */
export async function releaseHeld(): Promise<void> {
  const services = store[KEY] ?? [];
  store[KEY] = [];
  await Promise.all(services.map((each) => each.release()));
}
