import type { Services } from './acquire-services.ts';

const KEY = Symbol.for('mainstay.test-services');
type Holders = Services[];

const held = globalThis as typeof globalThis & { [KEY]?: Holders };

/** Keeps services until the end of the jest run. Set-up and tear-down may be loaded as separate copies of this module. */
export function holdForRun(services: Services): void {
  (held[KEY] ??= []).push(services);
}

/** Gives back what was kept. */
export async function releaseHeld(): Promise<void> {
  const services = held[KEY]?.splice(0) ?? [];
  await Promise.all(services.map((each) => each.release()));
}
