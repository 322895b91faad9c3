import type { z } from 'zod';
import { variableOf } from './program-variables.ts';

/** Two lines per variable of a schema, for `--help`: its name with its default, and what it means. Internal ones are left out. */
export function describeVariables(schema: z.ZodObject): string {
  return Object.entries(schema.shape)
    .flatMap(([name, type]) => variableOf(name, [], type))
    .map(({ name, fallback, optional, description }) => {
      const need = fallback !== undefined ? `default ${fallback}` : optional ? 'optional' : 'required';
      return `  ${name} (${need})\n      ${description}`;
    })
    .join('\n');
}
