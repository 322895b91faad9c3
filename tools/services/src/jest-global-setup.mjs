/** Jest would turn a TypeScript set-up into CommonJS; imported from here, Node runs it as it is. */
export { default } from './jest-set-up.ts';
