/** All projects at once; `npm test` runs this. @type {import('jest').Config} */
export default {
  projects: [
    '<rootDir>/packages/shared/*/jest.config.mjs',
    '<rootDir>/packages/*/jest.config.mjs',
    '<rootDir>/apps/*/jest.config.mjs',
    '<rootDir>/tools/*/jest.config.mjs',
  ],
};
