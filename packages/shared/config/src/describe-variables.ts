import { z } from 'zod';

/** Two lines per variable of a schema, for `--help`: its name with its default, and what it means. Internal ones are left out. */
export function describeVariables(schema: z.ZodObject): string {
  return Object.entries(schema.shape)
    .flatMap(([name, type]) => (type instanceof z.ZodType ? describe(name, type) : []))
    .join('\n');
}

function describe(name: string, type: z.ZodType): readonly string[] {
  const meta = type.meta() ?? {};
  if (meta['internal'] === true) return [];
  const need =
    type instanceof z.ZodPrefault ? `default ${String(type.def.defaultValue)}` : type instanceof z.ZodOptional ? 'optional' : 'required';
  return [`  ${name} (${need})`, `      ${String(meta['description'])}`];
}
