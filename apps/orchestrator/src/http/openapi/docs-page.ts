import type { JsonObject, JsonValue } from '@mainstay/types';
import { escapeHtml, htmlPage } from './page.ts';

/** The reference page of an OpenAPI document: one file without scripts or outside resources. */
export function docsPage(document: JsonObject): string {
  const info = object(document['info']);
  const operations = Object.entries(object(document['paths'])).flatMap(([path, methods]) =>
    Object.entries(object(methods)).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation: object(operation) })),
  );
  const sections = list(document['tags']).map((tag) => {
    const { name, description } = object(tag);
    const mine = operations.filter(({ operation }) => list(operation['tags']).includes(name ?? null));
    return `<section><h2>${text(name)}</h2><p>${text(description)}</p>${mine.map(operationBlock).join('')}</section>`;
  });
  const schemas = Object.entries(object(object(document['components'])['schemas'])).map(
    ([name, schema]) =>
      `<details id="schema-${escapeHtml(name)}"><summary><code>${escapeHtml(name)}</code></summary>${code(schema)}</details>`,
  );
  return htmlPage(
    'Mainstay API',
    `<main><h1>${text(info['title'])} API</h1><p class="muted">Version ${text(info['version'])}</p><p>${text(info['description'])}</p>` +
      `${sections.join('')}<section><h2>Schemas</h2>${schemas.join('')}</section></main>`,
  );
}

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operation: JsonObject;
}

function operationBlock({ path, method, operation }: Operation): string {
  const scope = operation['x-scope'];
  const security =
    list(operation['security']).length === 0
      ? 'No key is needed.'
      : scope === undefined
        ? 'Any key.'
        : `Scope <code>${text(scope)}</code>.`;
  return (
    `<details id="${text(operation['operationId'])}"><summary><b>${method}</b> <code>${escapeHtml(path)}</code> ${text(operation['summary'])}</summary>` +
    `<p>${text(operation['description'])} ${security}</p>${parameterTable(list(operation['parameters']))}` +
    `${requestBlock(operation['requestBody'])}${answerTable(object(operation['responses']))}</details>`
  );
}

function parameterTable(parameters: readonly JsonValue[]): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map((parameter) => {
    const { name, in: place, required, description, schema } = object(parameter);
    return `<tr><td><code>${text(name)}</code></td><td>${text(place)}${required === true ? ', required' : ''}</td><td>${text(description)}</td><td>${inline(schema)}</td></tr>`;
  });
  return `<table><thead><tr><th>Parameter</th><th>In</th><th>Meaning</th><th>Schema</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function requestBlock(body: JsonValue | undefined): string {
  if (body === undefined) return '';
  const { content, required } = object(body);
  return `<p>Body${required === true ? '' : ' (optional)'}: ${Object.entries(object(content))
    .map(([type, media]) => `<code>${escapeHtml(type)}</code> ${inline(object(media)['schema'])}`)
    .join(' ')}</p>`;
}

function answerTable(responses: JsonObject): string {
  const rows = Object.entries(responses).map(([status, response]) => {
    const { description, content } = object(response);
    const media = Object.entries(object(content)).map(
      ([type, value]) => `<code>${escapeHtml(type)}</code> ${inline(object(value)['schema'])}`,
    );
    return `<tr><td><b>${escapeHtml(status)}</b></td><td>${text(description)}</td><td>${media.join('<br>')}</td></tr>`;
  });
  return `<table><thead><tr><th>Answer</th><th>Meaning</th><th>Content</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function inline(schema: JsonValue | undefined): string {
  const reference = object(schema)['$ref'];
  if (typeof reference !== 'string') return `<code>${escapeHtml(JSON.stringify(schema ?? {}))}</code>`;
  const name = escapeHtml(reference.slice(reference.lastIndexOf('/') + 1));
  return `<a href="#schema-${name}">${name}</a>`;
}

function code(value: JsonValue): string {
  return `<pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre>`;
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? escapeHtml(value).replaceAll(/`([^`]*)`/g, '<code>$1</code>') : '';
}

function object(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function list(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}
