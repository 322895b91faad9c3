import { join } from 'node:path';
import { acquireServices, type Services } from '@mainstay/services';
import { startApp } from './app-process.ts';
import { orchestratorEnvironment, readSettings, REPOSITORY, workerEnvironment } from './settings.ts';
import { signingKeys } from './signing-keys.ts';
import { stopSignals } from './stop-signals.ts';

const STOP_TIMEOUT_MS = 40_000;
const name = process.argv[2];
if (name !== 'orchestrator' && name !== 'agents') {
  console.error('usage: serve.ts <orchestrator|agents>');
  process.exit(2);
}
process.exit(await serve(name));

/** One app in the foreground, on the configured services or on the shared embedded ones. */
async function serve(app: 'orchestrator' | 'agents'): Promise<number> {
  let running: ReturnType<typeof startApp> | undefined;
  const stopping = stopSignals(() => running?.kill());
  let services: Services | undefined;
  try {
    const settings = readSettings(process.env);
    services = await acquireServices({
      dataDir: settings.dataDir,
      postgres: app === 'orchestrator',
      onProgress: (line) => {
        console.log(line);
      },
      signal: stopping,
    });
    console.log(services.describe());
    const { databaseUrl, redisUrl } = services;
    const given = { databaseUrl, redisUrl, settings, signingKeys: signingKeys(settings.dataDir, process.env['MAINSTAY_SIGNING_KEYS']) };
    const env = app === 'orchestrator' ? orchestratorEnvironment(process.env, given) : workerEnvironment(process.env, given);
    running = startApp({ name: app, main: join(REPOSITORY, 'apps', app, 'src', 'main.ts'), env }, (line) => {
      console.error(line);
    });
    const message = await Promise.race([
      running.gaveUp,
      new Promise<undefined>((resolve) =>
        stopping.addEventListener('abort', () => {
          resolve(undefined);
        }),
      ),
    ]);
    if (message === undefined) return 0;
    console.error(message);
    return 1;
  } catch (error) {
    if (stopping.aborted) return 0;
    console.error(error instanceof Error ? error.message : error);
    return 1;
  } finally {
    await running?.stop(STOP_TIMEOUT_MS);
    await services?.release();
  }
}
