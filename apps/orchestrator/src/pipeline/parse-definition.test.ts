import { describe, expect, test } from '@jest/globals';
import { type JsonValue, MainstayError } from '@mainstay/types';
import type { DefinitionIssue } from './definition-issue.ts';
import { parseDefinition, type ParseDefinitionOptions } from './parse-definition.ts';

const agent = 'noop';

/** Code and place of each fault. */
function faults(raw: unknown, options?: ParseDefinitionOptions): readonly string[] {
  return issues(raw, options).map((issue) => `${issue.code} ${issue.path}`);
}

function issues(raw: unknown, options?: ParseDefinitionOptions): readonly DefinitionIssue[] {
  try {
    parseDefinition(raw, options);
    return [];
  } catch (error) {
    if (!(error instanceof MainstayError) || error.code !== 'PIPELINE_INVALID') throw error;
    return error.details['issues'] as unknown as readonly DefinitionIssue[];
  }
}

const pipeline = (stages: readonly unknown[], more: object = {}): unknown => ({ name: 'p', stages, ...more });

describe('a definition', () => {
  test('gets the defaults of the model', () => {
    expect(parseDefinition(pipeline([{ id: 'a', agent }]))).toEqual({
      name: 'p',
      stages: [
        {
          ...{ id: 'a', agent, needs: [], timeoutMs: 120_000, onGateFailure: 'fail', ask: {}, onFailure: { action: 'fail' }, fallback: [] },
          retry: { maxAttempts: 4, maxLosses: 4, backoff: 'exponential', baseMs: 1_000, maxMs: 30_000, jitter: 'full' },
        },
      ],
    });
  });

  test('with everything in it is accepted as it is', () => {
    const full = {
      ...{ name: 'full', description: 'd', concurrency: 2, timeoutMs: 1_000, output: { x: '${stages.b.output}' } },
      stages: [
        { id: 'a', agent },
        {
          ...{ id: 'b', agent: 'x/y:1', needs: ['a'], input: { n: ['${stages.a.output.n}', null, 1] }, when: 'input.go', timeoutMs: 5 },
          ...{ gate: 'output.ok', onGateFailure: 'ask', ask: { question: '?', timeoutMs: 1, default: 'accept' }, fallback: ['z'] },
          onFailure: { action: 'retry', times: 1, delayMs: 0 },
        },
      ],
    };
    expect(parseDefinition(full)).toMatchObject(full);
  });

  test('parsed again is the same', () => {
    const once = parseDefinition(pipeline([{ id: 'a', agent, onFailure: { action: 'degrade', output: null } }]));
    expect(parseDefinition(once)).toEqual(once);
  });

  test.each([[null], [undefined], [[]], ['x'], [5]])('is refused when it is %p', (raw) => {
    expect(faults(raw)).toEqual(['NOT_A_DEFINITION ']);
  });

  test('is refused without stages', () => {
    expect(faults(pipeline([]))).toEqual(['EMPTY /stages']);
    expect(faults({ name: 'p' })).toEqual(['MISSING /stages']);
    expect(faults({ name: 'p', stages: {} })).toEqual(['INVALID_VALUE /stages']);
  });

  test('is refused with 10,000 stages, at once', () => {
    const stages = Array.from({ length: 10_000 }, (_, i) => ({ id: `s${String(i)}`, agent }));
    expect(issues(pipeline(stages))).toEqual([
      { path: '/stages', code: 'TOO_MANY_STAGES', problem: '10000 stages; at most 1000 are allowed' },
    ]);
  });

  test('is accepted with a chain of 1,000 stages', () => {
    const stages = Array.from({ length: 1_000 }, (_, i) => ({ id: `s${String(i)}`, agent, needs: i === 0 ? [] : [`s${String(i - 1)}`] }));
    expect(parseDefinition(pipeline(stages.toReversed())).stages).toHaveLength(1_000);
  });

  test('is refused when it is larger than 256 KiB', () => {
    expect(faults(pipeline([{ id: 'a', agent, input: 'x'.repeat(262_144) }]))).toEqual(['TOO_LARGE ']);
  });

  test('is refused when it is nested too deeply to be written', () => {
    let deep: JsonValue = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(faults(pipeline([{ id: 'a', agent, input: deep }]))).toEqual(['TOO_LARGE ']);
  });

  test('is refused with fields that do not exist, each named', () => {
    expect(faults(pipeline([{ id: 'a', agent, retries: 3, retry: { max: 1 } }], { stage: 1 })).toSorted()).toEqual([
      'UNKNOWN_FIELD /stage',
      'UNKNOWN_FIELD /stages/0/retries',
      'UNKNOWN_FIELD /stages/0/retry/max',
    ]);
  });

  test('is refused with values that are missing or out of range, all at once', () => {
    const stages = [{ agent: '' }, { id: '-a', agent, timeoutMs: 0, retry: { maxAttempts: 0 }, onFailure: { action: 'explode' } }];
    expect(faults({ name: 'a b', stages })).toEqual([
      'INVALID_VALUE /name',
      'MISSING /stages/0/id',
      'INVALID_VALUE /stages/0/agent',
      'INVALID_VALUE /stages/1/id',
      'INVALID_VALUE /stages/1/retry/maxAttempts',
      'INVALID_VALUE /stages/1/timeoutMs',
      'INVALID_VALUE /stages/1/onFailure/action',
    ]);
  });

  test('does not let prototypes in', () => {
    expect(faults(JSON.parse('{"name":"p","stages":[{"id":"__proto__","agent":"x"}]}'))).toEqual(['INVALID_VALUE /stages/0/id']);
    expect(faults(JSON.parse('{"name":"p","__proto__":{"stages":[]},"stages":[{"id":"constructor","agent":"x"}]}'))).not.toEqual([]);
    expect(faults(pipeline([{ id: 'constructor', agent }]))).toEqual([]);
  });
});

describe('the graph of a definition', () => {
  test('is refused with an id twice', () => {
    expect(
      issues(
        pipeline([
          { id: 'a', agent },
          { id: 'b', agent },
          { id: 'a', agent },
        ]),
      ),
    ).toEqual([{ path: '/stages/2/id', code: 'DUPLICATE_STAGE', problem: 'the id a is already that of /stages/0' }]);
  });

  test('is refused with needs that do not exist, are the stage itself, or are listed twice', () => {
    const stages = [
      { id: 'a', agent },
      { id: 'b', agent, needs: ['zz', 'b', 'a', 'a'] },
    ];
    expect(faults(pipeline(stages))).toEqual([
      'UNKNOWN_NEED /stages/1/needs/0',
      'SELF_NEED /stages/1/needs/1',
      'DUPLICATE_NEED /stages/1/needs/3',
    ]);
  });

  test('is refused with a circle, which is named', () => {
    const stages = [
      { id: 'x', agent },
      { id: 'd', agent, needs: ['c'] },
      { id: 'a', agent, needs: ['x', 'c'] },
      { id: 'b', agent, needs: ['a'] },
      { id: 'c', agent, needs: ['b'] },
    ];
    expect(issues(pipeline(stages))).toEqual([
      { path: '/stages/4/needs', code: 'CYCLE', problem: 'the stages need each other in a circle: c → b → a → c' },
    ]);
  });

  test('is refused with a circle of 1,000 stages, named in part', () => {
    const stages = Array.from({ length: 1_000 }, (_, i) => ({ id: `s${String(i)}`, agent, needs: [`s${String((i + 1) % 1_000)}`] }));
    const [issue] = issues(pipeline(stages));
    expect(issue?.code).toBe('CYCLE');
    expect(issue?.problem).toMatch(/s0 → s1 → .* → s9 → … → s0$/);
  });

  test('is refused with agent kinds that nobody has offered, unless that is allowed', () => {
    const raw = pipeline([
      { id: 'a', agent: 'here', fallback: ['gone', 'here'] },
      { id: 'b', agent: 'away' },
    ]);
    const knownAgents = new Set(['here']);
    expect(faults(raw, { knownAgents })).toEqual(['UNKNOWN_AGENT /stages/0/fallback/0', 'UNKNOWN_AGENT /stages/1/agent']);
    expect(faults(raw, { knownAgents, allowUnknownAgents: true })).toEqual([]);
    expect(faults(raw)).toEqual([]);
  });
});

describe('the expressions of a definition', () => {
  test('are refused when they do not parse, with the place within the template', () => {
    const stages = [{ id: 'a', agent, when: '1 +', gate: 'nothing == 1', input: { list: ['x', '${1 +}'], 'a/b~c': '${' } }];
    expect(faults(pipeline(stages, { output: '${foo(1)}' }))).toEqual([
      'EXPRESSION_INVALID /output',
      'EXPRESSION_INVALID /stages/0/gate',
      'EXPRESSION_INVALID /stages/0/input/a~1b~0c',
      'EXPRESSION_INVALID /stages/0/input/list/1',
      'EXPRESSION_INVALID /stages/0/when',
    ]);
  });

  test('are refused when they are too long, too deep or too many', () => {
    const stages = [
      { id: 'a', agent, when: `${'('.repeat(100)}true${')'.repeat(100)}` },
      { id: 'b', agent, when: `input.x == '${'x'.repeat(2_000)}'` },
      { id: 'c', agent, input: Array.from({ length: 201 }, () => '${input}') },
      { id: 'd', agent, input: JSON.parse(`${'['.repeat(40)}1${']'.repeat(40)}`) as JsonValue },
    ];
    expect(faults(pipeline(stages))).toEqual([
      'EXPRESSION_TOO_COSTLY /stages/0/when',
      'EXPRESSION_TOO_COSTLY /stages/1/when',
      'EXPRESSION_TOO_COSTLY /stages/2/input/200',
      `EXPRESSION_TOO_COSTLY /stages/3/input${'/0'.repeat(33)}`,
    ]);
  });

  test('may refer only to stages that are needed, directly or through others', () => {
    const stages = [
      { id: 'a', agent },
      { id: 'b', agent, needs: ['a'] },
      { id: 'c', agent, needs: ['b'], when: "stages.a.status == 'succeeded'", gate: 'stages.c.output == 1', input: '${stages.zz.output}' },
      { id: 'd', agent, input: '${stages["a"].output}' },
    ];
    expect(faults(pipeline(stages, { output: ['${stages.d.output}', '${stages.qq.output}'] }))).toEqual([
      'UNKNOWN_STAGE /output',
      'NOT_NEEDED /stages/2/gate',
      'UNKNOWN_STAGE /stages/2/input',
      'NOT_NEEDED /stages/3/input',
    ]);
  });

  test('may not be constantly false or constantly wrong', () => {
    const stages = [
      { id: 'a', agent, when: '1 > 2' },
      { id: 'b', agent, gate: 'false' },
      { id: 'c', agent, when: "'yes'" },
      { id: 'd', agent, when: 'true', gate: '1 < 2' },
    ];
    expect(faults(pipeline(stages))).toEqual([
      'UNREACHABLE /stages/0/when',
      'UNREACHABLE /stages/1/gate',
      'EXPRESSION_INVALID /stages/2/when',
    ]);
  });

  test('see output only in gates', () => {
    expect(faults(pipeline([{ id: 'a', agent, when: 'output.x', input: '${output}', gate: 'output.x' }]))).toEqual([
      'EXPRESSION_INVALID /stages/0/input',
      'EXPRESSION_INVALID /stages/0/when',
    ]);
  });
});

test('the error shows the first fault and counts all, listing a hundred at most', () => {
  const stages = Array.from({ length: 150 }, (_, i) => ({ id: `s${String(i)}`, agent, needs: ['zz'] }));
  const attempt = (): unknown => parseDefinition(pipeline(stages));
  expect(attempt).toThrow('The pipeline definition is invalid: /stages/0/needs/0 there is no stage zz (and 149 more)');
  expect(issues(pipeline(stages))).toHaveLength(100);
});
