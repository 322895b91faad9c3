import { z } from 'zod';
import { agentsEnv, cliEnv, orchestratorEnv } from './schemas.ts';

const PROGRAMS: readonly (readonly [string, z.ZodObject])[] = [
  ['orchestrator', orchestratorEnv],
  ['agents', agentsEnv],
  ['cli', cliEnv],
];

/** What the schemas say of one environment variable. */
export interface ProgramVariable {
  readonly name: string;
  /** Programs that read it. */
  readonly programs: readonly string[];
  readonly group: string;
  readonly description: string;
  readonly secret: boolean;
  /** May be left out although it has no default. */
  readonly optional: boolean;
  /** Default, as it would be written in the environment. */
  readonly fallback: string | undefined;
  /** Stands in the example file instead of the default. */
  readonly example: string | undefined;
}

/** Every variable of every program once, in the order of the schemas. Those between our own processes are left out. */
export function programVariables(): readonly ProgramVariable[] {
  const names = new Set(PROGRAMS.flatMap(([, schema]) => Object.keys(schema.shape)));
  return [...names].flatMap((name) => {
    const readers = PROGRAMS.filter(([, schema]) => name in schema.shape);
    return variableOf(
      name,
      readers.map(([program]) => program),
      readers[0]?.[1].shape[name],
    );
  });
}

/** The variable that a field of a schema declares; none for those between our own processes. */
export function variableOf(name: string, programs: readonly string[], type: unknown): readonly ProgramVariable[] {
  if (!(type instanceof z.ZodType)) return [];
  const meta: Readonly<Record<string, unknown>> = type.meta() ?? {};
  if (meta['internal'] === true) return [];
  return [
    {
      name,
      programs,
      group: String(meta['group']),
      description: String(meta['description']),
      secret: meta['secret'] === true,
      optional: type instanceof z.ZodOptional,
      fallback: type instanceof z.ZodPrefault ? String(type.def.defaultValue) : undefined,
      example: typeof meta['example'] === 'string' ? meta['example'] : undefined,
    },
  ];
}
