/** See jest-global-setup.mjs. */
export { default } from './jest-tear-down.ts';
