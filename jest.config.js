/** One configuration, three projects: what runs in seconds, what starts real processes, what needs the lab. */
const common = {
  transform: { '\\.ts$': '<rootDir>/test/strip-types.cjs', '\\.yaml$': '<rootDir>/test/yaml-text.cjs' },
  extensionsToTreatAsEsm: ['.ts', '.yaml'],
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

export default {
  maxWorkers: 2,
  // Two cores run the tests and what they start: a limit is there to end a hang, not to measure.
  testTimeout: 30_000,
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/{core,agent,bench,docs,lab,plugin,krew,manifests,packaging,rooms}/**/*.test.ts'],
    },
    { ...common, displayName: 'integration', testMatch: ['<rootDir>/test/{integration,crash}/**/*.test.ts'] },
    { ...common, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.test.ts'] },
  ],
};
