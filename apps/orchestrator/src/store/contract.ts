import { afterAll, beforeAll, describe } from '@jest/globals';
import type { Store } from './store.ts';
import { auditContract } from './testing/audit-contract.ts';
import { calmContract } from './testing/calm-contract.ts';
import { decisionContract } from './testing/decision-contract.ts';
import { errorContract } from './testing/error-contract.ts';
import { readContract } from './testing/read-contract.ts';
import { retentionContract } from './testing/retention-contract.ts';
import { roundTripContract } from './testing/round-trip-contract.ts';
import { slotContract } from './testing/slot-contract.ts';
import { sweepContract } from './testing/sweep-contract.ts';
import { valueContract } from './testing/value-contract.ts';
import { writeContract } from './testing/write-contract.ts';

/** A store of a test and what ends it. */
export interface StoreFixture {
  readonly store: Store;
  /** Takes everything out of the store. */
  readonly clear: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Gives the store of the running test. */
export type StoreOf = () => StoreFixture;

/** What every store must do. */
export function storeContract(name: string, open: () => Promise<StoreFixture>): void {
  describe(`${name} as a store`, () => {
    let fixture: StoreFixture | undefined;
    beforeAll(async () => {
      fixture = await open();
    }, 60_000);
    afterAll(async () => {
      await fixture?.close();
    });
    const current: StoreOf = () => {
      if (fixture === undefined) throw new Error('the store was not opened');
      return fixture;
    };
    for (const part of [
      writeContract,
      slotContract,
      sweepContract,
      decisionContract,
      readContract,
      retentionContract,
      calmContract,
      errorContract,
      auditContract,
      valueContract,
      roundTripContract,
    ])
      part(current);
  });
}
