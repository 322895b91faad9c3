const LOCKFILES =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|Cargo\.lock|go\.sum|poetry\.lock|uv\.lock|Gemfile\.lock|composer\.lock)$/;
const GENERATED =
  /(\.min\.(js|css)|\.(map|snap)|\.bundle\.js|[.-]generated\.[a-z]+|_pb2?\.(js|py|ts))$|(^|\/)(vendor|third_party|node_modules|generated|__generated__)\//;
const TESTS =
  /(^|\/)(tests?|__tests__|specs?|e2e|fixtures?|testdata)\/|[._-](test|spec|tst)\.[a-z]+$|(^|\/)test_[^/]+\.py$|_test\.(go|py)$/;

export const isLockfile = (path: string): boolean => LOCKFILES.test(path);

/** Written by a program, or by somebody else: not to be held against the authors. */
export const isGenerated = (path: string): boolean => isLockfile(path) || GENERATED.test(path);

export const isTest = (path: string): boolean => TESTS.test(path);
