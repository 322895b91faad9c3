import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CpuProfile, type HotFunction, hotFunctions, hotPlaces } from '@mainstay/profiling';
import { table } from '../report/table.ts';

const FUNCTIONS = 25;
const PLACES = 15;

/** The hottest functions and places of every profile in the folder. */
export function profileText(folder: string): string {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.cpuprofile'))
    .map((file) => {
      const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile;
      return `${file}: where its busy time was spent\n${lines(hotPlaces(profile, PLACES))}\n\n${lines(hotFunctions(profile, FUNCTIONS))}\n`;
    })
    .join('\n');
}

function lines(hot: readonly HotFunction[]): string {
  return table(hot.map(({ name, selfMs, share }) => [name, `${selfMs.toFixed(0)} ms`, `${(100 * share).toFixed(1)} %`]));
}
