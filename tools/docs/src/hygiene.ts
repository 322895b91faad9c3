/** What must not be in the repository, by name. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly what: string;
}

const RULES: readonly (readonly [what: string, pattern: RegExp, except?: RegExp])[] = [
  ['a folder of somebody’s machine', /(?<![\w.])\/(?:home|Users)\/[\w.-]+\/|(?<![\w./])\/(?:work|root)\/\w/, /\/home\/linuxbrew\//],
  ['a private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*\S/],
  ['an access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bxox[abprs]-[0-9A-Za-z-]{20,}|\bglpat-[\w-]{20}\b/],
  ['a key of the platform', /\bmst_[A-Za-z0-9_-]{20,}/],
];

/** Breaches of the rules in a text. */
export function findings(file: string, text: string): Finding[] {
  return text.split('\n').flatMap((line, index) =>
    RULES.filter(([, pattern, except]) => pattern.test(line) && except?.test(line) !== true).map(([what]) => ({
      file,
      line: index + 1,
      what,
    })),
  );
}

/** Hosts that package-lock.json says packages come from. */
export function registryHosts(lock: string): string[] {
  return [...new Set([...lock.matchAll(/"resolved": "https?:\/\/([^/"]+)/g)].map(([, host = '']) => host))];
}
