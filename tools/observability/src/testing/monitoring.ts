import { findMonitoring, MONITORING_MISSING, type MonitoringPrograms, TOOLS_DIR } from '@mainstay/services';

/**
 * The real Prometheus and Alertmanager for tests, fetched where the machine has none. Where none can be had the tests that need them are
 * skipped, except on CI: there they fail.
 */
export async function monitoringForTests(): Promise<MonitoringPrograms | undefined> {
  const found = await findMonitoring({ toolsDir: TOOLS_DIR, onProgress: (line) => void process.stderr.write(`${line}\n`) });
  const whole = found?.alertmanager !== undefined;
  if (whole) return found;
  if (process.env['CI'] === 'true') throw new Error(MONITORING_MISSING);
  console.warn(`SKIPPED${found === undefined ? '' : ' where Alertmanager must run'}: ${MONITORING_MISSING}`);
  return found;
}
