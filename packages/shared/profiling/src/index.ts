export * from './hot-functions.ts';
