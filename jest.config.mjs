import { TEST_TIMEOUT_MS } from './jest.preset.mjs';

/** All projects at once; `npm test` runs this. @type {import('jest').Config} */
export default {
  // Jest takes the time limit from the configuration it was started with, never from those of the projects.
  testTimeout: TEST_TIMEOUT_MS,
  projects: [
    '<rootDir>/packages/shared/*/jest.config.mjs',
    '<rootDir>/packages/*/jest.config.mjs',
    '<rootDir>/apps/*/jest.config.mjs',
    '<rootDir>/tools/*/jest.config.mjs',
  ],
};
