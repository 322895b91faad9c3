import { z } from 'zod';
import type { Definition } from './facts.ts';

const eventSchema = z.looseObject({
  seq: z.int(),
  type: z.string(),
  task: z.string().optional(),
  data: z.looseObject({}).optional(),
});
export type StoredEvent = z.infer<typeof eventSchema>;

const taskSchema = z.looseObject({
  stage: z.string(),
  status: z.string(),
  attempt: z.int(),
  fence: z.int(),
  output: z.unknown().optional(),
  decision: z.string().optional(),
});
export type StoredTask = z.infer<typeof taskSchema>;

const eventsSchema = z.array(eventSchema);
const liveSchema = z.array(taskSchema);
/** The name alone: the stage is pending again. */
const finalSchema = z.array(z.union([z.string(), taskSchema]));
const definitionSchema = z.looseObject({
  output: z.unknown().optional(),
  stages: z.array(z.looseObject({ id: z.string(), needs: z.array(z.string()).default([]) })),
});

/** What a text holds, or what is wrong with it. */
export type Decoded<T> = { readonly value: T } | { readonly problem: string };

export const decodeEvents = (text: string): Decoded<readonly StoredEvent[]> => decode(eventsSchema, text);
export const decodeLive = (text: string): Decoded<readonly StoredTask[]> => decode(liveSchema, text);
export const decodeFinal = (text: string): Decoded<readonly (StoredTask | string)[]> => decode(finalSchema, text);
export const decodeOutput = (text: string): Decoded<unknown> => decode(z.unknown(), text);

/** A definition as the driver parsed it; undefined when it is none. */
export function readDefinition(value: unknown): Definition | undefined {
  return definitionSchema.safeParse(value).data;
}

function decode<T>(schema: z.ZodType<T>, text: string): Decoded<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { value: parsed.data };
  const [issue] = parsed.error.issues;
  return { problem: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}` };
}
