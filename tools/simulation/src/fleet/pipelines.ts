import { type Definition, parseDefinition } from '@mainstay/orchestrator/parts';

const RETRY = { maxAttempts: 4, maxLosses: 3, baseMs: 100, maxMs: 800 };

const stage = (id: string, agent: string, needs: readonly string[] = [], more: object = {}): object => ({
  ...{ id, agent, needs, retry: RETRY },
  ...(needs.length > 0 ? { input: { from: needs.map((need) => `\${stages.${need}.output}`) } } : {}),
  ...more,
});

/** What the users of a simulation run: every kind of stage, and every way in which a run can go. */
export const PIPELINES: readonly Definition[] = [
  { name: 'chain', stages: [stage('a', 'quick'), stage('b', 'slow', ['a']), stage('c', 'quick', ['b']), stage('d', 'flaky', ['c'])] },
  {
    name: 'fan',
    output: { all: '${stages.end.output.digest}', odd: '${stages.m2.output}' },
    stages: [
      stage('a', 'quick'),
      stage('m1', 'quick', ['a']),
      stage('m2', 'flaky', ['a'], { when: 'stages.a.output.score < 50' }),
      stage('m3', 'slow', ['a']),
      stage('m4', 'steps', ['a'], { when: 'stages.a.output.score >= 20' }),
      stage('end', 'quick', ['m1', 'm2', 'm3', 'm4']),
    ],
  },
  { name: 'checkpoints', stages: [stage('a', 'steps'), stage('b', 'steps', ['a'])] },
  {
    name: 'failing',
    stages: [
      stage('a', 'flaky', [], { input: '${input}', fallback: ['quick'] }),
      stage('b', 'flaky', ['a'], { onFailure: { action: 'retry', times: 1, delayMs: 200 } }),
      stage('c', 'stubborn', ['b'], { timeoutMs: 700, onFailure: { action: 'degrade', output: { digest: 0, score: 0 } } }),
    ],
  },
  {
    name: 'deciding',
    stages: [
      stage('a', 'asker'),
      stage('b', 'quick', ['a'], { gate: 'output.score < 60', onGateFailure: 'ask' }),
      stage('c', 'asker', ['b'], { when: 'stages.b.output.score % 2 == 0' }),
    ],
  },
  {
    name: 'rejected',
    stages: [stage('a', 'quick'), stage('b', 'flaky', ['a'], { input: { rejected: true, after: '${stages.a.output}' } })],
  },
  {
    name: 'hurried',
    timeoutMs: 2_500,
    stages: [stage('a', 'slow'), stage('b', 'steps', ['a'])],
  },
  { name: 'narrow', concurrency: 2, stages: [stage('a', 'quick'), stage('b', 'slow', ['a'])] },
  { name: 'poisoned', stages: [stage('a', 'quick'), stage('b', 'poison', ['a'], { input: { poison: true } }), stage('c', 'quick', ['b'])] },
].map((definition) => parseDefinition(definition));
