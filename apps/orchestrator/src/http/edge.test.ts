import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { request } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { OPEN_METRICS_TYPE } from '@mainstay/observability';
import { routes } from './routes.ts';
import { ADMIN_KEY, type HttpScene, openScene } from './testing/http-scene.ts';

let scene: HttpScene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

/** Sends a request with a method or headers that fetch does not allow. */
function rawCall(method: string, path: string, headers: Record<string, string> = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; headers: Record<string, unknown>; text: string }>();
  const sent = request(`${scene.base}${path}`, { method, headers: { authorization: `Bearer ${ADMIN_KEY}`, ...headers } }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => (text += chunk));
    response.on('end', () => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
  });
  sent.on('error', reject);
  sent.end();
  return promise;
}

/** Writes bytes to the port and returns all that comes back. */
function rawBytes(bytes: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(Number(new URL(scene.base).port), '127.0.0.1', () => socket.write(bytes));
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => (text += chunk));
  socket.on('close', () => {
    resolve(text);
  });
  socket.on('error', reject);
  return promise;
}

const RUNS = '/api/v1/runs';

describe('bodies', () => {
  test('malformed JSON is refused with its place', async () => {
    const answer = await scene.call('POST', RUNS, { raw: '{"pipeline": "x",\n oops}' });
    expect(answer.json).toMatchObject({ status: 400, code: 'MALFORMED_JSON', details: { line: 2, column: 2 } });
    expect(answer.json.detail).toContain('line 2, column 2');
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-7', 'multipart/form-data; boundary=x'])(
    'the content type %s is refused',
    async (type) => {
      const answer = await scene.call('POST', RUNS, { raw: '{"pipeline":"x"}', headers: { 'content-type': type } });
      expect(answer.json).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
    },
  );

  test('compressed bodies are refused', async () => {
    const raw = new Uint8Array(gzipSync('{"pipeline":"x"}'));
    const answer = await scene.call('POST', RUNS, { raw, headers: { 'content-encoding': 'gzip' } });
    expect(answer.json).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  test('invalid UTF-8 is refused instead of replaced', async () => {
    const raw = new Uint8Array([...Buffer.from('{"pipeline":"'), 0xc3, 0x28, ...Buffer.from('"}')]);
    expect((await scene.call('POST', RUNS, { raw })).json).toMatchObject({ status: 400, code: 'MALFORMED_JSON' });
  });

  test.each([
    ['deep nesting', `{"pipeline":"x","input":${'['.repeat(40_000)}`],
    ['__proto__', '{"pipeline":"x","input":{"__proto__":{"admin":true}}}'],
    ['repeated keys', '{"pipeline":"x","pipeline":"y"}'],
    ['U+0000', '{"pipeline":"x","input":"\\u0000"}'],
  ])('%s is refused', async (_name, raw) => {
    expect((await scene.call('POST', RUNS, { raw })).json).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
  });

  test('a body beyond the limit is refused, announced or in chunks', async () => {
    const raw = JSON.stringify({ pipeline: 'x', input: 'x'.repeat(100_000) });
    const announced = await scene.call('POST', RUNS, { raw });
    expect(announced.json).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE', details: { maxBytes: 100_000 } });
    const chunk = 'x'.repeat(60_000);
    const hex = chunk.length.toString(16);
    const chunked = await rawBytes(
      `POST ${RUNS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ADMIN_KEY}\r\nContent-Type: application/json\r\n` +
        `Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${hex}\r\n${chunk}\r\n${hex}\r\n${chunk}\r\n0\r\n\r\n`,
    );
    expect(chunked).toContain('HTTP/1.1 413');
    expect(chunked).toContain('PAYLOAD_TOO_LARGE');
  });

  test('an announcement far beyond the limit is refused without reading', async () => {
    const text = await rawBytes(
      `POST ${RUNS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ADMIN_KEY}\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n`,
    );
    expect(text).toContain('HTTP/1.1 413');
    expect(text.toLowerCase()).toContain('connection: close');
  });

  test('a missing body is refused', async () => {
    expect((await scene.call('POST', RUNS)).json).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
  });
});

describe('methods and paths', () => {
  test.each(['/nothing', '/api', '/api/v1', '/api/v1/run', '/api/v1/runs/', '/API/v1/runs', '/health/', '//health', '/api/v1/runs/a/b'])(
    'there is no route %s',
    async (path) => {
      const answer = await scene.call('GET', path, { key: null });
      expect(answer.json).toMatchObject({ status: 404, code: 'ROUTE_NOT_FOUND', instance: path });
    },
  );

  test('every path refuses methods that it does not have and says which it has', async () => {
    for (const path of new Set(routes.map((route) => route.path))) {
      const answer = await scene.call('PATCH', path.replace(/\{\w+\}/, 'x'));
      expect(answer.json).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
      const methods = routes.filter((route) => route.path === path).map(({ method }) => method.toUpperCase());
      expect(answer.headers.get('allow')?.split(', ')).toEqual(expect.arrayContaining(methods));
    }
  });

  test('TRACE is refused with a problem document and reflects nothing', async () => {
    const answer = await rawCall('TRACE', '/health', { 'x-secret': 'hidden' });
    expect(answer.status).toBe(405);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
    expect(answer.text).not.toContain('hidden');
  });

  test('OPTIONS says what is allowed', async () => {
    const answer = await scene.call('OPTIONS', RUNS, { key: null });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST');
  });

  test('HEAD answers as GET does, without a body', async () => {
    for (const path of ['/health', '/api/v1/pipelines', '/openapi.json']) {
      const [head, get] = [await scene.call('HEAD', path), await scene.call('GET', path)];
      expect(head).toMatchObject({ status: 200, text: '' });
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
    }
  });

  test('a path with broken percent-encoding is refused', async () => {
    expect((await scene.call('GET', '/api/v1/runs/%zz')).json).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
  });

  test('metrics are given to who asks for nothing but OpenMetrics', async () => {
    const answer = await scene.call('GET', '/metrics', { headers: { accept: 'application/openmetrics-text' } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, OPEN_METRICS_TYPE]);
    expect(answer.text.endsWith('# EOF\n')).toBe(true);
  });

  test('a client that accepts nothing we have is told so', async () => {
    const answer = await scene.call('GET', '/api/v1/pipelines', { headers: { accept: 'image/png' } });
    expect(answer.json).toMatchObject({ status: 406, code: 'NOT_ACCEPTABLE' });
  });

  test('what is not HTTP is answered with 400 and a problem document', async () => {
    const text = await rawBytes('garbage\r\n\r\n');
    expect(text).toContain('HTTP/1.1 400');
    expect(text).toContain('"code":"VALIDATION_FAILED"');
  });

  test('headers beyond the limit are refused', async () => {
    const text = await rawBytes(`GET /health HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(text).toContain('HTTP/1.1 413');
  });

  test('a request with both a length and chunks is refused', async () => {
    const text = await rawBytes(
      'POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    );
    expect(text).toContain('HTTP/1.1 400');
  });
});

describe('headers of answers', () => {
  test('answers forbid sniffing, framing, scripts and caching, and do not name the software', async () => {
    const { headers } = await scene.call('GET', '/health');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';style-src 'sha256-/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('etag')).toBeNull();
  });

  test('a correlation id that could break a log is replaced', async () => {
    const answer = await scene.call('GET', '/health', { headers: { 'x-correlation-id': 'a b"c' } });
    expect(answer.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('logs and metrics of requests', () => {
  test('a request is logged once with its template, and counted', async () => {
    await scene.call('GET', '/api/v1/runs/no-such-run', { headers: { 'x-correlation-id': 'seen-1' } });
    const lines = scene.lines.filter((line) => line.includes('seen-1')).map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      expect.objectContaining({
        msg: 'request',
        method: 'GET',
        route: '/api/v1/runs/{id}',
        status: 404,
        tenant: 'default',
        principal: 'admin',
      }),
    ]);
    const { text } = await scene.call('GET', '/metrics');
    expect(text).toMatch(/mainstay_http_requests_total\{[^}]*route="\/api\/v1\/runs\/\{id\}"[^}]*status="404"[^}]*\} [1-9]/);
    expect(text).not.toContain('no-such-run');
  });

  test('paths that do not exist share one label', async () => {
    await scene.call('GET', '/wp-login.php');
    const { text } = await scene.call('GET', '/metrics');
    expect(text).toContain('route="none"');
    expect(text).not.toContain('wp-login');
  });

  test('keys are not logged', () => {
    expect(scene.lines.join('\n')).not.toContain(ADMIN_KEY);
  });
});
