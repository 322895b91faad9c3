import { type AgentOffer, type JsonObject, jsonObjectSchema } from '@mainstay/types';
import { z } from 'zod';
import type { BaseAgent } from './base-agent.ts';

/** Larger schemas are not announced: an offer is a help, not a contract. */
const MAX_SCHEMA_BYTES = 64 * 1024;

/** What a worker announces of an agent. A schema that JSON Schema cannot express becomes `{}`, which accepts anything. */
export function agentOffer(agent: BaseAgent): AgentOffer {
  return {
    kind: agent.kind,
    ...(agent.version === undefined ? {} : { version: agent.version.slice(0, 64) }),
    ...(agent.description === undefined ? {} : { description: agent.description.slice(0, 1_000) }),
    input: jsonSchema(agent.input, 'input'),
    output: jsonSchema(agent.output, 'output'),
  };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  try {
    const text = JSON.stringify(z.toJSONSchema(schema, { io, unrepresentable: 'any' }));
    return text.length > MAX_SCHEMA_BYTES ? {} : jsonObjectSchema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
