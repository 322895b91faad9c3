import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { actions } from './commands/action.ts';
import { addAgents } from './commands/agents.ts';
import { addAudit } from './commands/audit.ts';
import { addChaos } from './commands/chaos.ts';
import { addDeadLetters } from './commands/dead-letters.ts';
import { addDecisions } from './commands/decisions.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEmergency } from './commands/emergency.ts';
import { addLogLevel } from './commands/log-level.ts';
import { addPipelines } from './commands/pipelines.ts';
import { addProfile } from './commands/profile.ts';
import { addRetention } from './commands/retention.ts';
import { addReview } from './commands/review.ts';
import { addRunActions } from './commands/run-actions.ts';
import { addRun } from './commands/run.ts';
import { addRuns } from './commands/runs.ts';
import { addShow } from './commands/show.ts';
import { addVerify } from './commands/verify.ts';
import { addWatch } from './commands/watch.ts';
import { EXIT, EXIT_MEANINGS, type ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';

const EXAMPLES = `
Examples:
  $ mainstay review .
  $ mainstay run greet --input '{"name":"Ada"}'
  $ mainstay runs --status failed
  $ mainstay decisions`;

const ENVIRONMENT = `
Environment:
  MAINSTAY_URL       address of an orchestrator (default: http://127.0.0.1:3000)
  MAINSTAY_API_KEY   API key (default: admin.key in the data folder)
  MAINSTAY_DATA_DIR  data folder (default: .mainstay here, else in the workspace)
  DATABASE_URL       Postgres that verify checks (default: that of npm start in the data folder)
  NO_COLOR           no colours`;

/** All commands. `onExit` learns the exit code of the one that ran. */
export function createProgram(io: Io, onExit: (code: ExitCode) => void): Command {
  const program = new Command('mainstay')
    .description('Runs agent pipelines on a Mainstay orchestrator and shows how they go.')
    .version(version(), '--version', 'print the version')
    .option('--url <url>', 'address of an orchestrator')
    .option('--key <key>', 'API key')
    .option('--json', 'print one JSON document (watch: JSON lines)')
    .option('--no-color', 'no colours')
    .option('--quiet', 'print results only')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .showHelpAfterError('(--help shows what there is)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
    })
    .exitOverride()
    .addHelpText('after', `${EXAMPLES}\n${ENVIRONMENT}`)
    .addHelpText('afterAll', `\nExit codes:\n${exitCodes()}`);
  const action = actions(io, onExit);
  addReview(program, action);
  addRun(program, action);
  addWatch(program, action);
  addRuns(program, action);
  addShow(program, action);
  addRunActions(program, action);
  addDecisions(program, action);
  addAgents(program, action);
  addDeadLetters(program, action);
  addAudit(program, action);
  addPipelines(program, action);
  addRetention(program, action);
  addEmergency(program, action);
  addLogLevel(program, action);
  addProfile(program, action);
  addDoctor(program, action);
  addVerify(program, action);
  addChaos(program, action);
  return program;
}

function exitCodes(): string {
  return (Object.keys(EXIT) as (keyof typeof EXIT)[])
    .map((name) => `  ${String(EXIT[name]).padStart(3)}  ${EXIT_MEANINGS[name]}`)
    .join('\n');
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string };
  return manifest.version;
}
