import { type JsonObject, type JsonValue, PipelineError } from '@mainstay/types';
import type { Scope } from '../pipeline/model.ts';
import type { Variable } from './compilation.ts';
import { fault, withSource } from './evaluation.ts';
import { compileExpression, type Expression } from './expression.ts';
import { MAX_RESULT_LENGTH, MAX_TEMPLATE_DEPTH, MAX_TEMPLATE_EXPRESSIONS, MAX_TEXT_LENGTH } from './limits.ts';
import { scanTemplate } from './scan-template.ts';
import { isList, jsonLength } from './values.ts';

/** A template, parsed and checked once. */
export interface Template {
  /** Throws PipelineError EXPRESSION_FAILED or EXPRESSION_TOO_COSTLY. */
  readonly fill: (scope: Scope) => JsonValue;
  readonly stages: ReadonlySet<string>;
}

/** A fault in a template, with the place of the string: a JSON pointer within the template. */
export interface TemplateFault {
  readonly path: string;
  readonly error: PipelineError;
}

type Fill = (scope: Scope) => JsonValue;

const NO_SCOPE: Scope = { input: null, stages: {} };

interface Options {
  readonly variables: readonly Variable[];
  /** Called for each fault; compilation goes on. Default: throws. */
  readonly onFault?: (fault: TemplateFault) => void;
}

/**
 * Compiles a template: in its strings, `${…}` is an expression. A string that is exactly one becomes the value itself,
 * otherwise the value is put in as text (strings as they are, others as JSON); `$${` is a literal `${`.
 * Throws PipelineError EXPRESSION_INVALID or EXPRESSION_TOO_COSTLY.
 */
export function compileTemplate(template: JsonValue, options: Options): Template {
  const compiler = new TemplateCompiler(options);
  const fill = compiler.compile(template, '', 0);
  return { fill: compiler.expressions <= 1 ? fill : (scope) => bounded(fill(scope)), stages: compiler.stages };
}

/** Several expressions may together build what each alone may not. */
function bounded(value: JsonValue): JsonValue {
  if (jsonLength(value, MAX_RESULT_LENGTH) !== Infinity) return value;
  throw fault('EXPRESSION_TOO_COSTLY', `the filled template is larger than ${String(MAX_RESULT_LENGTH)} characters or nested too deeply`);
}

class TemplateCompiler {
  readonly stages = new Set<string>();
  expressions = 0;
  faults = 0;
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  compile(value: JsonValue, path: string, depth: number): Fill {
    if (depth > MAX_TEMPLATE_DEPTH) {
      return this.#fault(path, fault('EXPRESSION_TOO_COSTLY', `a template is nested at most ${String(MAX_TEMPLATE_DEPTH)} deep`));
    }
    if (typeof value === 'string') return this.#string(value, path);
    if (typeof value !== 'object' || value === null) return () => value;
    const { expressions, faults } = this;
    const fill = isList(value) ? this.#list(value, path, depth) : this.#map(value, path, depth);
    if (this.expressions > expressions || this.faults > faults) return fill;
    const constant = fill(NO_SCOPE);
    return () => constant;
  }

  #list(list: readonly JsonValue[], path: string, depth: number): Fill {
    const items = list.map((item, i) => this.compile(item, `${path}/${String(i)}`, depth + 1));
    return (scope) => items.map((item) => item(scope));
  }

  #map(map: JsonObject, path: string, depth: number): Fill {
    const entries = Object.entries(map).map(
      ([key, item]) => [key, this.compile(item, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, depth + 1)] as const,
    );
    if (Object.hasOwn(map, '__proto__')) return (scope) => Object.fromEntries(entries.map(([key, item]) => [key, item(scope)]));
    return (scope) => {
      const filled: Record<string, JsonValue> = {};
      for (const [key, item] of entries) filled[key] = item(scope);
      return filled;
    };
  }

  #string(template: string, path: string): Fill {
    try {
      const parts = scanTemplate(template).map((segment) => ('text' in segment ? segment.text : this.#expression(segment.expression)));
      const [only] = parts;
      if (parts.length === 1 && only !== undefined) return typeof only === 'string' ? () => only : only.evaluate;
      return (scope) => interpolate(template, parts, scope);
    } catch (error) {
      return this.#fault(
        path,
        error instanceof PipelineError && 'source' in error.details ? error : withSource(error, template, 'EXPRESSION_INVALID'),
      );
    }
  }

  #expression(source: string): Expression {
    if (++this.expressions > MAX_TEMPLATE_EXPRESSIONS) {
      throw fault('EXPRESSION_TOO_COSTLY', `a template has at most ${String(MAX_TEMPLATE_EXPRESSIONS)} expressions`);
    }
    const expression = compileExpression(source, { variables: this.#options.variables });
    for (const stage of expression.stages) this.stages.add(stage);
    return expression;
  }

  #fault(path: string, error: PipelineError): Fill {
    this.faults++;
    if (this.#options.onFault === undefined) throw error;
    this.#options.onFault({ path, error });
    return () => {
      throw error;
    };
  }
}

function interpolate(template: string, parts: readonly (string | Expression)[], scope: Scope): string {
  let text = '';
  for (const part of parts) {
    text += typeof part === 'string' ? part : asText(template, part.evaluate(scope));
    if (text.length > MAX_TEXT_LENGTH) throw tooLong(template);
  }
  return text;
}

function asText(template: string, value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (jsonLength(value, MAX_TEXT_LENGTH) === Infinity) throw tooLong(template);
  return JSON.stringify(value);
}

function tooLong(template: string): PipelineError {
  const error = fault('EXPRESSION_TOO_COSTLY', `the text has more than ${String(MAX_TEXT_LENGTH)} characters`);
  return withSource(error, template, 'EXPRESSION_FAILED');
}
