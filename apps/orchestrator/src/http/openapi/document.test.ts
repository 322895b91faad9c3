import { describe, expect, test } from '@jest/globals';
import type { JsonObject, JsonValue } from '@mainstay/types';
import { routes } from '../routes.ts';
import { docsPage } from './docs-page.ts';
import { openApiDocument } from './document.ts';

const document = openApiDocument(routes, '1.2.3');

function collect(value: JsonValue, key: string): JsonValue[] {
  if (Array.isArray(value)) return value.flatMap((item: JsonValue) => collect(item, key));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]: [string, JsonValue]) => [
    ...(name === key ? [member] : []),
    ...collect(member, key),
  ]);
}

describe('openApiDocument', () => {
  test('describes every route once, and nothing else', () => {
    const described = Object.entries(document['paths'] as JsonObject).flatMap(([path, methods]) =>
      Object.keys(methods as JsonObject).map((method) => `${method} ${path}`),
    );
    expect(described.toSorted()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).toSorted());
  });

  test('names operations and tags uniquely and completely', () => {
    const ids = routes.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = (document['tags'] as readonly JsonObject[]).map(({ name }) => name);
    expect(new Set(routes.map(({ tag }) => tag))).toEqual(new Set(tags));
  });

  test('declares every parameter of every path', () => {
    for (const { path, params } of routes) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const described = params === undefined ? [] : Object.keys((document['paths'] as JsonObject)[path] ?? {});
      expect(params === undefined).toBe(named.length === 0);
      expect(named.length === 0 || described.length > 0).toBe(true);
      for (const name of named)
        expect(JSON.stringify((document['paths'] as JsonObject)[path])).toContain(`"name":"${String(name)}","in":"path"`);
    }
  });

  test('has no reference that leads nowhere', () => {
    const schemas = (document['components'] as JsonObject)['schemas'] as JsonObject;
    const references = collect(document, '$ref').filter((reference) => typeof reference === 'string');
    expect(references.length).toBeGreaterThan(30);
    for (const reference of references) expect(Object.keys(schemas)).toContain(reference.replace('#/components/schemas/', ''));
  });

  test('gives examples that satisfy their schemas', () => {
    const bodies = routes.flatMap(({ id, body, bodyFacts }) => {
      const schema = bodyFacts ?? body;
      const examples = (schema?.meta()?.['examples'] ?? []) as readonly unknown[];
      return examples.map((example) => ({ id, ok: schema?.safeParse(example).success }));
    });
    expect(bodies.length).toBeGreaterThanOrEqual(7);
    for (const { id, ok } of bodies) expect({ id, ok }).toEqual({ id, ok: true });
  });

  test('asks for credentials everywhere but on health and the landing page', () => {
    expect(routes.filter(({ access }) => access === 'public').map(({ path }) => path)).toEqual(['/health', '/health/ready', '/']);
  });

  test('says what goes wrong on every route', () => {
    for (const methods of Object.values(document['paths'] as JsonObject)) {
      for (const operation of Object.values(methods as JsonObject)) {
        expect(Object.keys((operation as JsonObject)['responses'] as JsonObject)).toContain('500');
      }
    }
  });
});

describe('docsPage', () => {
  const page = docsPage(document);

  test('shows every route', () => {
    for (const { id, path } of routes) {
      expect(page).toContain(`id="${id}"`);
      expect(page).toContain(`<code>${path}</code>`);
    }
  });

  test('needs nothing from outside and runs no script', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe| src=|@import|url\(|<[^>]* on\w+=/i);
    expect([...page.matchAll(/href="([^"]*)"/g)].every(([, target]) => target?.startsWith('#'))).toBe(true);
  });

  test('links only to what is on the page', () => {
    for (const [, target] of page.matchAll(/href="#([^"]*)"/g)) expect(page).toContain(`id="${String(target)}"`);
  });
});
