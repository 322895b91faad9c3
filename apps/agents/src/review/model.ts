import { z } from 'zod';

const count = z.number().int().min(0);
/** A path relative to the target, with `/`. */
const path = z.string().max(4096);

/** Every analysis says whether it measured anything, and in words what its figures leave out. */
const measured = { measured: z.boolean(), notes: z.array(z.string().max(500)).max(20) };

/** Input of every analysis. */
export const targetInput = z.object({ path: z.string().min(1).max(4096) });

export const hotspot = z.object({
  path,
  commits: count,
  /** Lines added plus lines deleted. */
  churn: count,
  authors: count,
  lines: count,
  /** commits × log2(1 + lines): what changes often and is large, first. */
  heat: z.number(),
  daysSinceChange: count,
});

export const history = z.object({
  commits: count,
  authors: count,
  firstAt: z.string().nullable(),
  lastAt: z.string().nullable(),
  /** Older commits exist that were not looked at. */
  truncated: z.boolean(),
  hotspots: z.array(hotspot).max(30),
});

const bigFile = z.object({ path, bytes: count, lines: count.nullable(), language: z.string() });

export const inventoryOutput = z.object({
  ...measured,
  name: z.string(),
  git: z.boolean(),
  files: count,
  codeFiles: count,
  testFiles: count,
  binaryFiles: count,
  bytes: count,
  lines: count,
  codeLines: count,
  testLines: count,
  skipped: z.object({ symbolicLinks: count, unreadable: count, special: count }),
  languages: z.array(z.object({ language: z.string(), files: count, lines: count, bytes: count })).max(40),
  largestFiles: z.array(bigFile).max(20),
  /** Of code, without tests and generated files. */
  longestFiles: z.array(bigFile).max(20),
  present: z.object({ readme: z.boolean(), licence: z.boolean(), ci: z.boolean(), changelog: z.boolean(), lintConfig: z.boolean() }),
  history: history.nullable(),
});

const severity = z.enum(['error', 'warning']);

export const lintOutput = z.object({
  ...measured,
  filesChecked: count,
  errors: count,
  warnings: count,
  rules: z.array(z.object({ rule: z.string().max(200), severity, count, message: z.string().max(300) })).max(50),
  findings: z
    .array(z.object({ path, line: count, column: count, rule: z.string().max(200), severity, message: z.string().max(300) }))
    .max(200),
});

export const secretsOutput = z.object({
  ...measured,
  filesChecked: count,
  findings: count,
  /** Of these, in files that are tests or fixtures by their path. */
  inTests: count,
  rules: z.array(z.object({ rule: z.string().max(200), count })).max(50),
  places: z
    .array(
      z.object({
        path,
        line: count,
        rule: z.string().max(200),
        /** At most the first characters of the secret; never the whole. */
        masked: z.string().max(60),
        test: z.boolean(),
      }),
    )
    .max(200),
});

const fragment = z.object({ path, start: count, end: count });

export const duplicatesOutput = z.object({
  ...measured,
  filesChecked: count,
  lines: count,
  duplicatedLines: count,
  /** 0 to 100. */
  percentage: z.number().min(0).max(100),
  clones: count,
  largest: z.array(z.object({ language: z.string(), lines: count, tokens: count, first: fragment, second: fragment })).max(50),
  files: z.array(z.object({ path, duplicatedLines: count })).max(30),
});

export const manifest = z.object({
  path,
  ecosystem: z.enum(['npm', 'python', 'go', 'rust']),
  name: z.string().max(300).nullable(),
  direct: count,
  development: count,
  lockfile: path.nullable(),
  /** Declared supported versions of the runtime, e.g. `node >=20`. */
  runtime: z.string().max(300).nullable(),
});

export const dependenciesOutput = z.object({
  ...measured,
  manifests: z.array(manifest).max(200),
  direct: count,
  development: count,
  /** Packages in the lockfiles; direct ones included. */
  locked: count,
  transitive: count,
  severalVersions: z.array(z.object({ name: z.string().max(300), versions: z.array(z.string().max(100)).max(20) })).max(50),
  severalVersionsCount: count,
  licences: z.array(z.object({ licence: z.string().max(200), count })).max(60),
  copyleft: z.array(z.object({ name: z.string().max(300), licence: z.string().max(200), strength: z.enum(['weak', 'strong']) })).max(100),
  strongCopyleftCount: count,
  weakCopyleftCount: count,
  unlicensed: z.array(z.string().max(400)).max(100),
  unlicensedCount: count,
  installScripts: z.array(z.string().max(400)).max(100),
  installScriptsCount: count,
  missingLockfiles: z.array(path).max(100),
});

const deduction = z.object({ points: z.number(), reason: z.string().max(500), where: z.array(z.string().max(4200)).max(5) });

export const component = z.object({
  id: z.enum(['lint', 'secrets', 'duplicates', 'dependencies', 'structure', 'hygiene']),
  title: z.string(),
  /** Share in the total among what was measured. */
  weight: z.number(),
  /** 0 to 100; null: not measured, without influence on the total. */
  score: z.number().min(0).max(100).nullable(),
  deductions: z.array(deduction).max(20),
  note: z.string().max(600).nullable(),
});

export const grade = z.enum(['A', 'B', 'C', 'D', 'E', 'F', 'none']);

export const analyses = {
  inventory: inventoryOutput,
  lint: lintOutput,
  secrets: secretsOutput,
  duplicates: duplicatesOutput,
  dependencies: dependenciesOutput,
};

export const scoreInput = z.object(analyses);

export const scoreOutput = z.object({
  /** 0 to 100; null when there was nothing to review. */
  score: z.number().min(0).max(100).nullable(),
  grade,
  summary: z.string().max(1000),
  components: z.array(component).max(6),
  /** Why the score may not be higher, whatever its parts say. */
  cap: z.object({ at: z.number(), reason: z.string().max(300) }).nullable(),
});

export const reportInput = z.object({
  ...analyses,
  score: scoreOutput,
  /** Absolute folder for the report; empty: the worker's reports folder. */
  outDir: z.string().max(4096).default(''),
});

export const reportOutput = z.object({
  /** Absolute path of the HTML report. */
  html: z.string(),
  /** Absolute path of the Markdown report. */
  markdown: z.string(),
  score: z.number().nullable(),
  grade,
  summary: z.string(),
});

export type TargetInput = z.infer<typeof targetInput>;
export type Hotspot = z.infer<typeof hotspot>;
export type History = z.infer<typeof history>;
export type Inventory = z.infer<typeof inventoryOutput>;
export type Lint = z.infer<typeof lintOutput>;
export type LintFinding = Lint['findings'][number];
export type Secrets = z.infer<typeof secretsOutput>;
export type SecretPlace = Secrets['places'][number];
export type Duplicates = z.infer<typeof duplicatesOutput>;
export type Clone = Duplicates['largest'][number];
export type Dependencies = z.infer<typeof dependenciesOutput>;
export type Manifest = z.infer<typeof manifest>;
export type Component = z.infer<typeof component>;
export type Deduction = z.infer<typeof deduction>;
export type Grade = z.infer<typeof grade>;
export type ScoreInput = z.infer<typeof scoreInput>;
export type Score = z.infer<typeof scoreOutput>;
export type ReportInput = z.infer<typeof reportInput>;
export type ReportOutput = z.infer<typeof reportOutput>;
