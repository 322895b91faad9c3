import type { Store, Transition } from '@mainstay/orchestrator/parts';
import type { Transport } from '@mainstay/transport';

/**
 * A system that is broken on purpose: what its processes are given in place of a port. Production code knows nothing of it.
 * Wrappers that answer in a call's place must not answer processes that are dead: they pass on what they wrap.
 */
export interface Variant {
  readonly orchestratorStore?: (store: Store) => Store;
  readonly orchestratorTransport?: (transport: Transport) => Transport;
  readonly workerTransport?: (transport: Transport) => Transport;
  readonly transition?: (transition: Transition) => Transition;
}

export const SOUND: Variant = {};
