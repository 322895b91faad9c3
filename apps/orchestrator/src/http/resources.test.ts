import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { uuidv7 } from '@mainstay/types';
import { type HttpScene, openScene } from './testing/http-scene.ts';

let scene: HttpScene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

const stage = (id: string, more: object = {}) => ({ id, agent: 'noop', ...more });
const put = (name: string, stages: readonly object[], query = '') =>
  scene.call('PUT', `/api/v1/pipelines/${name}${query}`, { json: { name, stages } });

describe('pipelines over HTTP', () => {
  test('a new definition is version 1, the same one again too, and a changed one version 2', async () => {
    expect(await put('versions', [stage('a')])).toMatchObject({ status: 201, json: { name: 'versions', version: 1 } });
    expect(await put('versions', [stage('a')])).toMatchObject({ status: 200, json: { version: 1 } });
    const changed = await put('versions', [stage('a'), stage('b')]);
    expect(changed).toMatchObject({ status: 201, json: { version: 2 } });
    const location = changed.headers.get('location') ?? '';
    expect((await scene.call('GET', location)).json).toMatchObject({ version: 2, definition: { stages: [{ id: 'a' }, { id: 'b' }] } });
    expect((await scene.call('GET', '/api/v1/pipelines/versions?version=1')).json.definition.stages).toHaveLength(1);
    expect((await scene.call('GET', '/api/v1/pipelines/versions')).json.version).toBe(2);
  });

  test('defaults are shown filled in', async () => {
    await put('defaults', [stage('a')]);
    const { json } = await scene.call('GET', '/api/v1/pipelines/defaults');
    expect(json.definition.stages[0]).toMatchObject({ timeoutMs: 120_000, retry: { maxAttempts: 4 }, onFailure: { action: 'fail' } });
  });

  test('pipelines are listed by name, in pages', async () => {
    for (const name of ['zz-1', 'zz-2', 'zz-3']) await put(name, [stage('a'), stage('b')]);
    const names: string[] = [];
    for (let cursor = ''; ;) {
      const { json } = await scene.call('GET', `/api/v1/pipelines?limit=2${cursor}`);
      names.push(...json.items.map(({ name }: { name: string }) => name));
      if (json.cursor === undefined) break;
      cursor = `&cursor=${encodeURIComponent(json.cursor)}`;
    }
    expect(names).toEqual(names.toSorted());
    expect(names).toEqual(expect.arrayContaining(['zz-1', 'zz-2', 'zz-3']));
  });

  const many = Array.from({ length: 10_000 }, (_, at) => ({ id: `s${String(at)}`, agent: 'n' }));
  test.each([
    ['a cycle', [stage('a', { needs: ['b'] }), stage('b', { needs: ['a'] })], 'CYCLE'],
    ['no stages', [], 'EMPTY'],
    ['the same id twice', [stage('a'), stage('a')], 'DUPLICATE_STAGE'],
    ['a stage that needs itself', [stage('a', { needs: ['a'] })], 'SELF_NEED'],
    ['a need that does not exist', [stage('a', { needs: ['x'] })], 'UNKNOWN_NEED'],
    ['an unknown kind of agent', [{ id: 'a', agent: 'never-seen' }], 'UNKNOWN_AGENT'],
    ['an expression that does not parse', [stage('a', { when: 'input.(' })], 'EXPRESSION_INVALID'],
    ['an unknown field', [stage('a', { retries: 3 })], 'UNKNOWN_FIELD'],
  ])('a definition with %s is refused with its path', async (_name, stages, code) => {
    const answer = await put('bad', stages);
    expect(answer.json).toMatchObject({ status: 422, code: 'PIPELINE_INVALID' });
    expect(answer.json.issues).toContainEqual(expect.objectContaining({ code, path: expect.stringMatching(/^\/stages/) }));
  });

  test('a definition of 10,000 stages is refused', async () => {
    await using large = await openScene({ config: { maxBodyBytes: 1_000_000 } });
    const answer = await large.call('PUT', '/api/v1/pipelines/many', { json: { name: 'many', stages: many } });
    expect(answer.json).toMatchObject({ status: 422, code: 'PIPELINE_INVALID', issues: [{ path: '/stages', code: 'TOO_MANY_STAGES' }] });
  });

  test.each([[[]], ['text'], [null], [7]])('the definition %j is refused', async (json) => {
    expect((await scene.call('PUT', '/api/v1/pipelines/bad', { json })).status).toBeGreaterThanOrEqual(400);
  });

  test('an unknown kind of agent is accepted when asked for', async () => {
    expect((await put('future', [{ id: 'a', agent: 'never-seen' }], '?allowUnknownAgents=true')).status).toBe(201);
    expect((await put('future', [{ id: 'a', agent: 'never-seen' }], '?allowUnknownAgents=yes')).json.code).toBe('VALIDATION_FAILED');
  });

  test('a name that differs from the path is refused', async () => {
    const answer = await scene.call('PUT', '/api/v1/pipelines/one', { json: { name: 'two', stages: [stage('a')] } });
    expect(answer.json).toMatchObject({ status: 400, code: 'VALIDATION_FAILED', issues: [{ path: '/name' }] });
  });

  test('unknown pipelines and versions are not found', async () => {
    await put('exists', [stage('a')]);
    for (const path of ['nothing', 'exists?version=7', 'a%2Fb']) {
      expect((await scene.call('GET', `/api/v1/pipelines/${path}`)).json).toMatchObject({ status: 404, code: 'PIPELINE_NOT_FOUND' });
    }
    expect((await scene.call('GET', '/api/v1/pipelines/exists?version=0')).json.code).toBe('VALIDATION_FAILED');
  });
});

describe('decisions over HTTP', () => {
  async function asked() {
    await scene.pipeline('asks', 'asker');
    const run = await scene.until(await scene.run('asks'), 'waiting');
    return { run: run.id, decision: run.decisions[0].id };
  }

  test('an open decision is listed, read and answered, and the run goes on with the answer', async () => {
    const { run, decision } = await asked();
    const listed = await scene.call('GET', `/api/v1/decisions?status=open&run=${run}`);
    expect(listed.json.items).toMatchObject([{ id: decision, stage: 'only', kind: 'question', question: { options: ['red', 'green'] } }]);
    const answered = await scene.call('POST', `/api/v1/decisions/${decision}`, { json: { answer: 'green', comment: 'like grass' } });
    expect(answered).toMatchObject({ status: 200, json: { status: 'answered', answer: 'green', comment: 'like grass', by: 'admin' } });
    expect(await scene.until(run, 'succeeded')).toMatchObject({ decisions: [] });
    expect((await scene.call('GET', `/api/v1/decisions/${decision}`)).json.status).toBe('answered');
    expect((await scene.call('GET', `/api/v1/decisions?status=open&run=${run}`)).json.items).toEqual([]);
  });

  test('a decision is made once: later answers are told the first', async () => {
    const { decision } = await asked();
    await scene.call('POST', `/api/v1/decisions/${decision}`, { json: { answer: 'red' } });
    const late = await scene.call('POST', `/api/v1/decisions/${decision}`, { json: { answer: 'green' } });
    expect(late.json).toMatchObject({ status: 409, code: 'DECISION_ALREADY_MADE', details: { answer: 'red', by: 'admin' } });
  });

  test('of two answers at the same time one counts', async () => {
    const { decision } = await asked();
    const answers = await Promise.all(
      ['red', 'green', 'red'].map((answer) => scene.call('POST', `/api/v1/decisions/${decision}`, { json: { answer } })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
    const winner = answers.find(({ status }) => status === 200);
    for (const { json } of answers.filter(({ status }) => status === 409)) expect(json.details.answer).toBe(winner?.json.answer);
  });

  test('an answer that is no option is refused, and the decision stays open', async () => {
    const { decision } = await asked();
    const answer = await scene.call('POST', `/api/v1/decisions/${decision}`, { json: { answer: 'blue' } });
    expect(answer.json).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
    expect((await scene.call('GET', `/api/v1/decisions/${decision}`)).json.status).toBe('open');
  });

  test('an unknown decision is not found', async () => {
    for (const id of [uuidv7(), 'x']) {
      expect((await scene.call('POST', `/api/v1/decisions/${id}`, { json: { answer: 1 } })).json).toMatchObject({
        status: 404,
        code: 'DECISION_NOT_FOUND',
      });
    }
  });

  test('an answer must be given', async () => {
    expect((await scene.call('POST', `/api/v1/decisions/${uuidv7()}`, { json: {} })).json).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ path: '/answer' }],
    });
  });

  test('a failed gate asks, and an accepted output counts', async () => {
    await scene.pipeline('gated', 'noop', { gate: 'output.leaks == 0', onGateFailure: 'ask', ask: { question: 'Accept the leaks?' } });
    const run = await scene.until(await scene.run('gated', { leaks: 2 }), 'waiting');
    expect(run.decisions).toMatchObject([{ kind: 'gate', question: { question: 'Accept the leaks?' } }]);
    await scene.call('POST', `/api/v1/decisions/${run.decisions[0].id}`, { json: { answer: 'accept' } });
    expect(await scene.until(run.id, 'succeeded')).toMatchObject({ tasks: [{ output: { leaks: 2 } }] });
  });
});

describe('dead letters over HTTP', () => {
  async function dead(input: object) {
    await scene.pipeline('dies', 'picky');
    const run = await scene.run('dies', input);
    await scene.until(run, 'failed');
    const { json } = await scene.call('GET', '/api/v1/dead-letters');
    return { run, letter: json.items.find((item: { run: string }) => item.run === run) };
  }

  test('a task that failed for good can be read with its input and its error', async () => {
    const { run, letter } = await dead({ ok: false });
    expect((await scene.call('GET', `/api/v1/dead-letters/${String(letter?.id)}`)).json).toMatchObject({
      run,
      pipeline: 'dies',
      stage: 'only',
      agent: 'picky',
      input: { ok: false },
      error: { code: 'AGENT_REJECTED', message: 'It is not ok' },
    });
  });

  test('it is redriven with a corrected input, once', async () => {
    const { run, letter } = await dead({ ok: false });
    const redriven = await scene.call('POST', `/api/v1/dead-letters/${String(letter?.id)}/redrive`, { json: { input: { ok: true } } });
    expect(redriven).toMatchObject({ status: 200, json: { id: run } });
    expect(await scene.until(run, 'succeeded')).toMatchObject({ tasks: [{ output: { ok: true } }] });
    const again = await scene.call('POST', `/api/v1/dead-letters/${String(letter?.id)}/redrive`);
    expect(again.status).toBe(409);
  });

  test('an unknown dead letter is not found', async () => {
    for (const [method, suffix] of [
      ['GET', ''],
      ['POST', '/redrive'],
    ] as const) {
      expect((await scene.call(method, `/api/v1/dead-letters/${uuidv7()}${suffix}`)).json).toMatchObject({
        status: 404,
        code: 'DEAD_LETTER_NOT_FOUND',
      });
    }
  });
});

describe('agents, health and administration', () => {
  test('live workers are listed with kinds, capacity and load', async () => {
    const { json } = await scene.call('GET', '/api/v1/agents');
    expect(json).toMatchObject({ orchestrators: ['orchestrator-test'] });
    expect(json.workers).toMatchObject([{ name: 'worker-test', capacity: 16, draining: false }]);
    expect(json.workers[0].kinds).toContain('noop');
    expect(json.kinds).toContainEqual(expect.objectContaining({ kind: 'picky', description: 'Refuses what is not ok', workers: 1 }));
  });

  test('health is told without a key, and details with one', async () => {
    expect((await scene.call('GET', '/health', { key: null })).json).toEqual({ status: 'ok' });
    const ready = await scene.call('GET', '/health/ready', { key: null });
    expect(ready).toMatchObject({
      status: 200,
      json: { status: 'ok', state: 'ready', checks: { postgres: { status: 'ok' }, redis: { status: 'ok' } } },
    });
    const detailed = await scene.call('GET', '/health/detailed');
    expect(detailed.json).toMatchObject({ version: '0.0.0-test', name: 'orchestrator-test', agents: { workers: 1 }, eventStreams: 0 });
    expect(detailed.json.score).toBeGreaterThan(0);
    const resources = await scene.call('GET', '/health/resources');
    expect(resources.json.memory.rssBytes).toBeGreaterThan(10_000_000);
  });

  test('the log level is changed at run time, and back', async () => {
    expect((await scene.call('PUT', '/api/v1/admin/log-level', { json: { level: 'debug' } })).json).toEqual({
      level: 'debug',
      previous: 'info',
      process: 'orchestrator-test',
      scope: 'all',
    });
    expect(scene.logger.level).toBe('debug');
    const own = { level: 'warn', forSeconds: 60, process: 'orchestrator-test' };
    expect((await scene.call('PUT', '/api/v1/admin/log-level', { json: own })).json).toMatchObject({
      ...{ level: 'warn', previous: 'debug', process: 'orchestrator-test', scope: 'process' },
      until: expect.any(String),
    });
    const unknown = await scene.call('PUT', '/api/v1/admin/log-level', { json: { level: 'debug', process: 'nobody' } });
    expect(unknown.json).toMatchObject({ code: 'PROCESS_NOT_FOUND', details: { process: 'nobody' } });
    expect((await scene.call('PUT', '/api/v1/admin/log-level', { json: { level: 'default' } })).json.level).toBe('info');
    await scene.call('PUT', '/api/v1/admin/log-level', { json: { level: 'debug' } });
    expect((await scene.call('PUT', '/api/v1/admin/log-level', { json: { level: 'loud' } })).json.code).toBe('VALIDATION_FAILED');
    expect((await scene.call('PUT', '/api/v1/admin/log-level', { json: { level: 'info' } })).json.previous).toBe('debug');
  });

  test('the contract and its page are served', async () => {
    expect((await scene.call('GET', '/openapi.json')).json).toMatchObject({ openapi: '3.1.0', info: { version: '0.0.0-test' } });
    expect((await scene.call('GET', '/docs')).text).toContain('POST');
    expect((await scene.call('GET', '/', { key: null })).text).toContain('href="/docs"');
  });

  test('the management port serves metrics and health without a key, and nothing else', async () => {
    const get = async (path: string) => (await fetch(`${scene.managementBase}${path}`)).status;
    expect(await get('/metrics')).toBe(200);
    expect(await get('/health')).toBe(200);
    expect(await get('/health/ready')).toBe(200);
    expect(await get('/api/v1/runs')).toBe(404);
    expect(await get('/docs')).toBe(404);
  });
});
