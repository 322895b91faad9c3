import type { Commits } from '../driver/job.ts';
import type { HttpClient } from './http-client.ts';

/** What an orchestrator has committed since its start; undefined when its metrics do not tell. */
export async function commitsOf(client: HttpClient): Promise<Commits | undefined> {
  const { status, text } = await client.call('GET', '/metrics');
  if (status !== 200) return undefined;
  const inputs = sampleOf(text, 'mainstay_batch_size_sum');
  const commits = sampleOf(text, 'mainstay_batch_size_count');
  return inputs === undefined || commits === undefined ? undefined : { inputs, commits };
}

/** The sum of a metric's samples in Prometheus' text format, whatever their labels; undefined when there are none. */
export function sampleOf(text: string, name: string): number | undefined {
  const values = text.split('\n').flatMap((line) => {
    if (!line.startsWith(name) || !/^[ {]/.test(line.slice(name.length))) return [];
    const value = Number(line.slice(line.lastIndexOf(' ') + 1));
    return Number.isFinite(value) ? [value] : [];
  });
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}
