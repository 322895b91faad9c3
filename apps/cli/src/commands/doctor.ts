import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { loadConfig, orchestratorEnv, safetyFacts } from '@mainstay/config';
import { isProfileName, type ProfileName, profiles, readCgroup, unsafeSettings, type UnsafeSetting } from '@mainstay/hardening';
import { MainstayError, ValidationError } from '@mainstay/types';
import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { EXIT } from '../exit-codes.ts';
import type { HealthView } from '../client/views.ts';
import { cell } from '../render/line.ts';
import { clean } from '../render/text.ts';
import type { Outcome, Session } from '../session.ts';
import type { Action } from './action.ts';

interface DoctorOptions {
  readonly profile?: ProfileName;
  readonly envFile?: string;
  readonly running?: true;
}

const issuesSchema = z.array(z.object({ variable: z.string(), problem: z.string() }));

type Environment = Readonly<Record<string, string | undefined>>;

/** What was found of a configuration, and of a system that runs. */
interface Findings {
  readonly profile: ProfileName;
  /** Variables that are missing or cannot be read. */
  readonly invalid: readonly { readonly variable: string; readonly problem: string }[];
  readonly unsafe: readonly UnsafeSetting[];
  readonly health: HealthView | undefined;
}

export function addDoctor(program: Command, action: Action): void {
  program
    .command('doctor')
    .summary('check settings against a profile, and the health of a running system')
    .description(
      'Checks the settings of an orchestrator, from the environment or a file, against the rules of a profile: what is unsafe, why, and how to mend it. With --running it also asks the orchestrator that --url names for its health. The exit code is 1 when the profile would refuse to start, or when the system is not healthy.',
    )
    .option('--profile <name>', 'staging, production or enterprise (default: MAINSTAY_PROFILE, else production)', parseProfile)
    .option('--env-file <file>', 'read the settings from this file instead of the environment')
    .option('--running', 'ask the running orchestrator as well')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mainstay doctor --profile enterprise --env-file .env.production\n  $ mainstay doctor --running --json',
    )
    .action(action(doctor));
}

function parseProfile(text: string): ProfileName {
  if (!isProfileName(text)) throw new InvalidArgumentError(`must be one of ${Object.keys(profiles).join(', ')}`);
  return text;
}

async function doctor(session: Session, { profile, envFile, running }: DoctorOptions): Promise<Outcome> {
  const env = envFile === undefined ? session.io.env : await readEnv(session.io.cwd, envFile);
  const named = profile ?? profileIn(env) ?? 'production';
  const { memoryLimitBytes } = envFile === undefined ? readCgroup() : {};
  const settings = { ...safetyFacts(env), ...(memoryLimitBytes === undefined ? {} : { availableMemoryBytes: memoryLimitBytes }) };
  const findings: Findings = {
    profile: named,
    invalid: invalidVariables(env),
    unsafe: unsafeSettings(named, settings),
    health: running === true ? await session.client.health({ signal: session.signal }) : undefined,
  };
  const passed = isPassed(findings);
  if (session.settings.json) session.writeJson({ ...findings, passed });
  else write(session, findings);
  return passed ? EXIT.succeeded : EXIT.failed;
}

async function readEnv(cwd: string, file: string): Promise<Environment> {
  try {
    return parseEnv(await readFile(resolve(cwd, file), 'utf8'));
  } catch (error) {
    throw new ValidationError('VALIDATION_FAILED', `--env-file ${file} cannot be read`, { cause: error });
  }
}

function profileIn(env: Environment | undefined): ProfileName | undefined {
  return orchestratorEnv.shape.MAINSTAY_PROFILE.safeParse(env?.['MAINSTAY_PROFILE']).data;
}

function invalidVariables(env: Environment | undefined): Findings['invalid'] {
  try {
    loadConfig(orchestratorEnv, ...(env === undefined ? [] : [env]));
    return [];
  } catch (error) {
    const parsed = issuesSchema.safeParse(error instanceof MainstayError ? error.details['issues'] : undefined);
    if (!parsed.success) throw error;
    return parsed.data;
  }
}

/** A score as good as the profile wants it for its certification. */
function isPassed({ profile, invalid, unsafe, health }: Findings): boolean {
  const healthy = health === undefined || (health.status === 'ok' && health.score >= profiles[profile].certification.healthScore);
  return healthy && invalid.length === 0 && unsafe.every(({ severity }) => severity !== 'refuse');
}

function write(session: Session, { profile, invalid, unsafe, health }: Findings): void {
  for (const { variable, problem } of invalid) session.writeLine([cell('invalid  ', 'bad'), cell(`${variable} ${problem}`)]);
  for (const { severity, problem, fix } of unsafe) {
    session.writeLine([
      cell(severity === 'refuse' ? 'refused  ' : 'warning  ', severity === 'refuse' ? 'bad' : 'warn'),
      cell(clean(problem)),
    ]);
    session.writeLine([cell(`         ${fix}`, 'dim')]);
  }
  if (invalid.length === 0 && unsafe.length === 0) session.writeLine([cell(`the settings are safe for ${profile}`, 'good')]);
  if (health !== undefined) writeHealth(session, profile, health);
}

/** The score, and what lacks most first. */
function writeHealth(session: Session, profile: ProfileName, { status, score, parts, name }: HealthView): void {
  const wanted = profiles[profile].certification.healthScore;
  session.writeLine([
    cell(`${clean(name)} is ${status}, health `),
    cell(score.toFixed(3), score >= wanted ? 'good' : 'bad'),
    cell(score >= wanted ? '' : `, ${profile} asks for ${wanted}`),
  ]);
  const lacking = Object.entries(parts)
    .filter(([, value]) => value < 1)
    .sort(([, a], [, b]) => a - b);
  for (const [part, value] of lacking) session.writeLine([cell(`         ${clean(part)} ${value.toFixed(3)}`, 'warn')]);
}
