import { ValidationError } from '@mainstay/types';
import { z } from 'zod';
import type { Session } from '../session.ts';
import { readJsonFile } from './values.ts';

const named = z.looseObject({ name: z.string().min(1) });

/** Stores the definition in a file. */
export async function putFile(session: Session, path: string, allowUnknownAgents = false) {
  const definition = named.safeParse(await readJsonFile(path, 'the definition'));
  if (!definition.success) throw new ValidationError('VALIDATION_FAILED', `${path} is no pipeline definition: it needs a "name"`);
  return await session.client.putPipeline(definition.data.name, definition.data, { allowUnknownAgents, signal: session.signal });
}
