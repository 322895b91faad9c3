import type { z } from 'zod';
import { compileDefinition } from './compile.ts';
import { type DefinitionIssue, type DefinitionIssueCode, invalidDefinition, MAX_ISSUES, pointer } from './definition-issue.ts';
import { definitionSchema } from './definition-schema.ts';
import type { Definition } from './model.ts';

export const MAX_STAGES = 1_000;
/** Largest definition, in bytes of its JSON. */
export const MAX_DEFINITION_BYTES = 262_144;

export interface ParseDefinitionOptions {
  /** Agent kinds that workers ever offered; absent: kinds are not checked. */
  readonly knownAgents?: ReadonlySet<string>;
  /** Accept kinds that nobody has offered yet. Default false. */
  readonly allowUnknownAgents?: boolean;
}

/**
 * A definition with its defaults filled in, checked in form, graph and expressions. Throws one PipelineError
 * PIPELINE_INVALID whose `details.issues` lists all faults: those of form alone when there are any, for the rest cannot be judged then.
 */
export function parseDefinition(raw: unknown, options: ParseDefinitionOptions = {}): Definition {
  const sizes = checkSize(raw);
  if (sizes.length > 0) throw invalidDefinition(sizes);
  const parsed = definitionSchema.safeParse(raw);
  if (!parsed.success) throw invalidDefinition(parsed.error.issues.flatMap((issue) => describe(issue, raw)));
  const definition: Definition = parsed.data;
  const issues = [...compileDefinition(definition).issues, ...checkAgents(definition, options)];
  if (issues.length > 0) throw invalidDefinition(issues.toSorted((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true })));
  return definition;
}

function checkSize(raw: unknown): readonly DefinitionIssue[] {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return [{ path: '', code: 'NOT_A_DEFINITION', problem: 'a definition is a JSON object with name and stages' }];
  }
  const stages = 'stages' in raw && Array.isArray(raw.stages) ? raw.stages.length : 0;
  if (stages > MAX_STAGES) {
    return [{ path: '/stages', code: 'TOO_MANY_STAGES', problem: `${String(stages)} stages; at most ${String(MAX_STAGES)} are allowed` }];
  }
  const bytes = jsonBytes(raw);
  if (bytes <= MAX_DEFINITION_BYTES) return [];
  return [
    { path: '', code: 'TOO_LARGE', problem: `the definition is nested too deeply or has more than ${String(MAX_DEFINITION_BYTES)} bytes` },
  ];
}

/** Infinity for what is nested too deeply to be written. */
function jsonBytes(value: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(value));
  } catch {
    return Infinity;
  }
}

/** An issue of the schema in our words. */
function describe(issue: z.core.$ZodIssue, raw: unknown): readonly DefinitionIssue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MAX_ISSUES).map((key) => ({
      path: pointer([...issue.path, key]),
      code: 'UNKNOWN_FIELD',
      problem: `there is no field ${key.slice(0, 100)} here`,
    }));
  }
  const path = pointer(issue.path);
  const code: DefinitionIssueCode =
    path === '/stages' && issue.code === 'too_small' ? 'EMPTY' : valueAt(raw, issue.path) === undefined ? 'MISSING' : 'INVALID_VALUE';
  const problem = code === 'EMPTY' ? 'a pipeline needs at least one stage' : code === 'MISSING' ? 'is required' : issue.message;
  return [{ path, code, problem }];
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), raw);
}

function checkAgents(definition: Definition, options: ParseDefinitionOptions): readonly DefinitionIssue[] {
  const { knownAgents, allowUnknownAgents = false } = options;
  if (knownAgents === undefined || allowUnknownAgents) return [];
  const unknown = (agent: string, path: string): readonly DefinitionIssue[] =>
    knownAgents.has(agent) ? [] : [{ path, code: 'UNKNOWN_AGENT', problem: `no worker has ever offered the agent kind ${agent}` }];
  return definition.stages.flatMap((stage, at) => [
    ...unknown(stage.agent, `/stages/${String(at)}/agent`),
    ...stage.fallback.flatMap((agent, position) => unknown(agent, `/stages/${String(at)}/fallback/${String(position)}`)),
  ]);
}
