import { describe, expect, test } from '@jest/globals';
import { agentOffer } from '@mainstay/agent';
import { agentOfferSchema } from '@mainstay/types';
import { defaultAgents, faultAgents, selectAgents } from './agent-catalogue.ts';
import { usage } from './usage.ts';

const options = { reportsDir: '/nowhere' };
const kindsOf = (agents: readonly { readonly kind: string }[]) => agents.map(({ kind }) => kind);

describe('the agents of this worker', () => {
  test('are all offered by default but for those that harm their worker', () => {
    const kinds = kindsOf(selectAgents(undefined, options));
    expect(kinds).toEqual(expect.arrayContaining(['noop', 'sleep', 'fail', 'echo-context', 'review-inventory', 'review-report']));
    for (const { kind } of faultAgents()) expect(kinds).not.toContain(kind);
  });

  test('can be chosen by name, the harmful ones too', () => {
    expect(kindsOf(selectAgents(['crash', 'noop', 'crash'], options))).toEqual(['crash', 'noop']);
  });

  test('are refused when they do not exist, with the names that do', () => {
    expect(() => selectAgents(['noop', 'nope'], options)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(/nope\. There are .*noop.*garbage/) }),
    );
  });

  test('have different kinds, and all can be announced', () => {
    const agents = [...defaultAgents(options), ...faultAgents()];
    expect(new Set(kindsOf(agents)).size).toBe(agents.length);
    for (const agent of agents) expect(() => agentOfferSchema.parse(agentOffer(agent))).not.toThrow();
  });
});

describe('usage', () => {
  test('names every kind and every variable, but none that is internal', () => {
    const text = usage();
    for (const word of [
      ...kindsOf(defaultAgents(options)),
      ...kindsOf(faultAgents()),
      'REDIS_URL (required)',
      'MAINSTAY_WORKER_CAPACITY (default 16)',
    ]) {
      expect(text).toContain(word);
    }
    expect(text).not.toContain('MAINSTAY_PARENT_FD');
  });
});
