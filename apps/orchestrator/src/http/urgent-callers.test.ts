import { describe, expect, test } from '@jest/globals';
import { systemClock } from '@mainstay/utils';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { newApiKey } from './auth/api-key.ts';
import { createAuthenticator } from './auth/authenticator.ts';
import { UrgentCallers } from './urgent-callers.ts';

const ADMIN = 'an-admin-key-of-more-than-thirty-two-characters';

function scene() {
  const store = createMemoryStore();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const slow = { ...store, apiKeyByHash: (hash: string) => promise.then(() => store.apiKeyByHash(hash)) };
  const authenticator = createAuthenticator(slow, systemClock, { bootstrapKey: ADMIN });
  return {
    callers: new UrgentCallers(authenticator),
    authenticator,
    answer: () => {
      resolve(undefined);
    },
  };
}

describe('UrgentCallers', () => {
  test('knows who was let in of late, until that is forgotten', async () => {
    const { callers, authenticator } = scene();
    expect([callers.isKnown(undefined), callers.isKnown(`Bearer ${ADMIN}`)]).toEqual([undefined, undefined]);
    expect(await callers.lookUp(`Bearer ${ADMIN}`)).toBe(true);
    expect(callers.isKnown(`Bearer ${ADMIN}`)).toBe(true);
    authenticator.forget();
    expect(callers.isKnown(`Bearer ${ADMIN}`)).toBeUndefined();
  });

  test('looks a few up at the same time and no more; who is not let in stays unknown', async () => {
    const { callers, answer } = scene();
    const guess = (): string => `Bearer ${newApiKey()}`;
    const lookUps = Array.from({ length: 20 }, () => callers.lookUp(guess())).filter((one) => one !== undefined);
    expect(lookUps).toHaveLength(8);
    answer();
    expect(new Set(await Promise.all(lookUps))).toEqual(new Set([false]));
    const again = guess();
    expect([await callers.lookUp(again), callers.isKnown(again), await callers.lookUp(undefined)]).toEqual([false, undefined, false]);
  });
});
