import { z } from 'zod';
import { definitionSchema } from '../../pipeline/definition-schema.ts';
import { booleanText, cursorQuery, integerText, line, pageOf, time } from './common.ts';

/** A definition as it is sent; the handler checks it with `parseDefinition`. */
export const definitionBody = definitionSchema.meta({
  id: 'PipelineDefinition',
  description: 'docs/ARCHITECTURE.md explains stages and expressions',
  examples: [
    {
      name: 'greet',
      stages: [
        { id: 'first', agent: 'noop', input: { text: 'Hello, ${input.name}' } },
        { id: 'second', agent: 'noop', needs: ['first'], input: '${stages.first.output}' },
      ],
    },
  ],
});

const storedDefinition = definitionSchema.meta({ id: 'StoredDefinition', description: 'A definition with its defaults filled in' });

export const pipelineParams = z.strictObject({ name: line(200).describe('Name of the pipeline') });

export const putQuery = z.strictObject({
  allowUnknownAgents: booleanText.optional().describe('Accept kinds of agents that no worker has ever offered; default false'),
});

export const pipelineQuery = z.strictObject({ version: integerText(1, 2_147_483_647).optional().describe('Default: the newest') });

export const pipelinesQuery = z.strictObject(cursorQuery);

export const storedPipeline = z.object({ name: z.string(), version: z.int() }).meta({ id: 'StoredPipeline' });

export const pipelineView = z
  .object({ name: z.string(), version: z.int(), definition: storedDefinition, createdAt: time })
  .meta({ id: 'Pipeline' });

export const pipelinePage = pageOf(
  'PipelinePage',
  z
    .object({
      name: z.string(),
      version: z.int().describe('The newest'),
      description: z.string().optional(),
      stages: z.int().describe('Number of stages'),
      createdAt: time,
    })
    .meta({ id: 'PipelineSummary' }),
);
