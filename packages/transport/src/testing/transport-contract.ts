import { describe } from '@jest/globals';
import type { CarrierForTests } from './carrier.ts';
import { lifeContract } from './life-contract.ts';
import { payloadsContract } from './payloads-contract.ts';
import { refusalsContract } from './refusals-contract.ts';
import { resultsContract } from './results-contract.ts';
import { tasksContract } from './tasks-contract.ts';

/** What every transport does. `create` gives an empty carrier for each test; see {@link CarrierForTests}. */
export function transportContract(name: string, create: () => Promise<CarrierForTests>): void {
  describe(`${name}:`, () => {
    tasksContract(create);
    resultsContract(create);
    refusalsContract(create);
    payloadsContract(create);
    lifeContract(create);
  });
}
