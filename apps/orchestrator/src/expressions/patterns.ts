import type { ASTNode } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import type { Compilation } from './compilation.ts';
import { type Evaluate, type Evaluation, failed, invalid, spend, tooCostly } from './evaluation.ts';
import { text } from './functions.ts';
import { MAX_PATTERN_LENGTH, PATTERN_COST } from './limits.ts';

/** `text.matches(pattern)`: whether the pattern (RE2 syntax) occurs in the text, in time linear in the text. */
export function compileMatches(of: ASTNode, args: readonly ASTNode[], compilation: Compilation, position: number): Evaluate {
  const [pattern] = args;
  if (pattern === undefined || args.length !== 1) throw invalid('matches(…) needs one pattern', position);
  const receiver = compilation.compile(of, compilation);
  const find = pattern.op === 'value' ? fixed(pattern) : variable(compilation.compile(pattern, compilation));
  return (at) => {
    spend(at, 1);
    const subject = text(at, receiver(at));
    at.position = position;
    const regex = find(at);
    spend(at, Math.ceil((subject.length * regex.programSize()) / 16));
    return regex.test(subject);
  };
}

type Find = (at: Evaluation) => RE2JS;

function fixed(node: ASTNode & { op: 'value' }): Find {
  if (typeof node.args !== 'string') throw invalid('the pattern must be a string', node.start);
  if (node.args.length > MAX_PATTERN_LENGTH) throw invalid(`a pattern has at most ${String(MAX_PATTERN_LENGTH)} characters`, node.start);
  try {
    const regex = RE2JS.compile(node.args);
    return () => regex;
  } catch (error) {
    throw invalid(describe(error), node.start);
  }
}

/** Remembers the last pattern: within one evaluation it is mostly the same. */
function variable(pattern: Evaluate): Find {
  let last: { readonly source: string; readonly regex: RE2JS } | undefined;
  return (at) => {
    const source = text(at, pattern(at));
    if (source.length > MAX_PATTERN_LENGTH) throw tooCostly(at, `a pattern has at most ${String(MAX_PATTERN_LENGTH)} characters`);
    if (last?.source !== source) {
      spend(at, PATTERN_COST);
      last = { source, regex: compile(at, source) };
    }
    return last.regex;
  };
}

function compile(at: Evaluation, source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    throw failed(at, describe(error));
  }
}

function describe(error: unknown): string {
  return `the pattern is not a regular expression of RE2: ${error instanceof Error ? error.message : 'unknown fault'}`;
}
