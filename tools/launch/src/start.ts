import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { acquireServices, type Services } from '@mainstay/services';
import { InternalError } from '@mainstay/types';
import { type AppProcess, startApp, tailOf } from './app-process.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { EXIT_DATA_DIR_HELD, EXIT_FAILED } from './exit-codes.ts';
import { firstReview } from './first-review.ts';
import { checkPort } from './port-check.ts';
import { waitForReady } from './readiness.ts';
import { orchestratorEnvironment, readSettings, REPOSITORY, type Settings, workerEnvironment, workerManagementPort } from './settings.ts';
import { signingKeys } from './signing-keys.ts';
import { stopSignals } from './stop-signals.ts';

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 40_000;

const say = (line: string): void => {
  console.log(line);
};

const apps: AppProcess[] = [];
const stopping = stopSignals(() => {
  for (const app of apps) app.kill();
});
process.exitCode = await main();
process.exit();

async function main(): Promise<number> {
  let services: Services | undefined;
  let unlock: (() => void) | undefined;
  try {
    const settings = readSettings(process.env);
    unlock = lockDataDir(settings.dataDir, settings.url);
    await checkPort(settings.host, settings.port);
    services = await acquireServices({ dataDir: settings.dataDir, onProgress: say, signal: stopping });
    await serve(settings, services);
    return 0;
  } catch (error) {
    if (stopping.aborted) return 0;
    console.error(error instanceof Error ? error.message : error);
    return isHeld(error) ? EXIT_DATA_DIR_HELD : EXIT_FAILED;
  } finally {
    if (stopping.aborted && apps.length > 0) say('\nShutting down: running work is handed back; press Ctrl-C again to end now');
    await stopApps();
    await services?.release();
    unlock?.();
  }
}

function isHeld(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'DATA_DIR_HELD';
}

/** Starts the apps and stays until a stop signal comes (returns) or an app gives up (throws). */
async function serve(settings: Settings, services: Services): Promise<void> {
  const { dataDir, url } = settings;
  const logs = join(dataDir, 'logs');
  mkdirSync(logs, { recursive: true });
  const given = {
    databaseUrl: services.databaseUrl,
    redisUrl: services.redisUrl,
    signingKeys: signingKeys(dataDir, process.env['MAINSTAY_SIGNING_KEYS']),
    settings,
  };
  const orchestrator = {
    name: 'orchestrator',
    main: join(REPOSITORY, 'apps', 'orchestrator', 'src', 'main.ts'),
    env: orchestratorEnvironment(process.env, given),
    logFile: join(logs, 'orchestrator.log'),
  };
  const worker = {
    name: 'worker',
    main: join(REPOSITORY, 'apps', 'agents', 'src', 'main.ts'),
    env: { ...workerEnvironment(process.env, given), ...workerManagementPort(process.env) },
    logFile: join(logs, 'worker.log'),
  };
  say('starting the orchestrator and the agents');
  apps.push(startApp(orchestrator, say), startApp(worker, say));
  const failed = Promise.race(apps.map((app) => app.gaveUp)).then((message) => Promise.reject(new InternalError(message)));
  failed.catch(() => undefined);

  const ready = await Promise.race([waitForReady(url, READY_TIMEOUT_MS, stopping), failed]);
  if (!ready) throw new InternalError(`The orchestrator did not get ready within ${String(READY_TIMEOUT_MS)} ms.${tailOf(orchestrator)}`);
  const adminKey = process.env['MAINSTAY_BOOTSTRAP_ADMIN_KEY'] ?? (await readFile(join(dataDir, 'admin.key'), 'utf8')).trim();
  announce(settings, services, adminKey);
  await Promise.race([firstReview({ dataDir, url, adminKey, env: process.env }, stopping), failed]);
  say(`\nServing at ${url} – Ctrl-C to stop`);
  await Promise.race([aborted(stopping), failed]);
}

function announce({ url, dataDir }: Settings, services: Services, adminKey: string): void {
  say(
    [
      '',
      'Mainstay is ready',
      `  console    ${url}/`,
      `  admin key  ${adminKey}`,
      `  try        curl -H "Authorization: Bearer ${adminKey}" ${url}/api/v1/agents`,
      `  services   ${services.describe()}`,
      `  logs       ${join(dataDir, 'logs')}`,
      '  stop       Ctrl-C',
    ].join('\n'),
  );
}

/** The worker first, so that its results still find an orchestrator; both drain at the same time, the orchestrator ends last. */
async function stopApps(): Promise<void> {
  await Promise.all([...apps].reverse().map((app) => app.stop(STOP_TIMEOUT_MS)));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });
}
