import { describe, expect, test } from '@jest/globals';
import { processJournal } from './process-journal.ts';

describe('what the hardening of a process begins with', () => {
  test('is its profile, with the memory that it may have, and a journal that counts what begins emergencies', () => {
    const counted: string[] = [];
    const logged: string[] = [];
    const log = (_fields: object, message: string): void => void logged.push(message);
    const { profile, limits, journal } = processJournal({
      ...{ profile: 'staging', memoryLimitBytes: 1_000_000, logger: { info: log, warn: log, error: log } },
      begun: { inc: ({ trigger }) => void counted.push(trigger) },
    });
    expect([profile.name, profile.memoryLimitBytes, limits]).toEqual(['staging', 1_000_000, {}]);
    journal.ports.onChange({ change: 'entered', at: 1, process: 'p', triggers: ['health', 'manual'], reason: 'r', actions: {} } as never);
    expect([counted, journal.recent().length, logged]).toEqual([['health', 'manual'], 1, [expect.stringContaining('emergency begins')]]);
  });
});
