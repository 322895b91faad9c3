import { fileURLToPath } from 'node:url';

const servicesTool = (file) => fileURLToPath(new URL(`./tools/services/src/${file}`, import.meta.url));

/** Of one test. For busy machines; nothing waits that long when all is well. */
export const TEST_TIMEOUT_MS = 60_000;

/**
 * One jest configuration for every project: ES modules through ts-jest, types stripped file by file
 * (type errors are the business of the `typecheck` target). Suites named `*.int.test.ts` use the real
 * Postgres and Redis whose addresses the global set-up puts into the environment.
 *
 * @param {string} displayName the project's name
 * @param {{ services?: boolean }} options `services: true` for projects whose tests need Postgres or Redis
 * @returns {import('jest').Config}
 */
export const projectConfig = (displayName, { services = false } = {}) => ({
  displayName,
  ...(services ? { globalSetup: servicesTool('jest-global-setup.mjs'), globalTeardown: servicesTool('jest-global-teardown.mjs') } : {}),
  // what processes of the tests print is looked through for secrets that tests planted
  setupFiles: [servicesTool('jest-watch-children.ts')],
  testEnvironment: 'node',
  testTimeout: TEST_TIMEOUT_MS,
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['<rootDir>/src/**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      'ts-jest',
      {
        useESM: true,
        diagnostics: false,
        tsconfig: fileURLToPath(new URL('./tsconfig.jest.json', import.meta.url)),
      },
    ],
  },
});
