import { ConfigurationError } from '@mainstay/types';
import type { z } from 'zod';

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with one variable; never its value. */
export interface ConfigIssue {
  readonly variable: string;
  readonly problem: string;
}

/**
 * Reads all variables of the schema; an empty one counts as not set. The result is frozen.
 * @throws ConfigurationError `CONFIG_INVALID` with all problems at once in `details.issues`.
 */
export function loadConfig<S extends z.ZodObject>(schema: S, env: Environment = process.env): Readonly<z.output<S>> {
  const given = Object.fromEntries(Object.keys(schema.shape).flatMap((name) => (env[name]?.trim() ? [[name, env[name]]] : [])));
  const parsed = schema.safeParse(given);
  if (parsed.success) return Object.freeze(parsed.data);
  const issues = parsed.error.issues.map((issue): ConfigIssue => {
    const variable = String(issue.path[0] ?? 'environment');
    const missing = !(variable in given) && issue.code === 'invalid_type';
    return { variable, problem: missing ? 'is required and not set' : issue.message };
  });
  const lines = issues.map(({ variable, problem }) => `  ${variable} ${problem}`).join('\n');
  throw new ConfigurationError('CONFIG_INVALID', `The environment is not usable:\n${lines}`, {
    details: { issues: issues.map((issue) => ({ ...issue })) },
  });
}
