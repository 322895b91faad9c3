export { compilePipeline } from './compile.ts';
export { newRun, type NewRunParams } from './new-run.ts';
export { definitionSchema } from './definition-schema.ts';
export * from './model.ts';
export { MAX_DEFINITION_BYTES, MAX_STAGES, parseDefinition, type ParseDefinitionOptions } from './parse-definition.ts';
export { transition } from './transition.ts';
