export * from './api-client.ts';
export * from './app-process.ts';
export * from './system.ts';
