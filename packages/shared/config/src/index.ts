export { describeVariables } from './describe-variables.ts';
export * from './fields.ts';
export * from './load-config.ts';
export { type ProgramVariable, programVariables } from './program-variables.ts';
export { renderEnvExample } from './render-env-example.ts';
export { type AgentsEnv, agentsEnv, type CliEnv, cliEnv, type OrchestratorEnv, orchestratorEnv } from './schemas.ts';
export * from './safety-facts.ts';
export { Secret } from './secret.ts';
export { MIN_KEY_BYTES, type SigningKey, signingKeys } from './signing-keys.ts';
