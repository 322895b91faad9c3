import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asCpuProfile, flameGraph, type HotFunction, hotFunctions, hotPlaces } from '@mainstay/profiling';
import { table } from '../report/table.ts';

const FUNCTIONS = 25;
const PLACES = 15;
const EXTENSION = '.cpuprofile';

/** Of every profile in the folder, and in those in it, the hottest functions and places; writes its flame graph beside it. */
export function reportProfiles(folder: string): string {
  return readdirSync(folder, { encoding: 'utf8', recursive: true })
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => {
      const profile = asCpuProfile(JSON.parse(readFileSync(join(folder, file), 'utf8')));
      const svg = join(folder, `${file.slice(0, -EXTENSION.length)}.svg`);
      writeFileSync(svg, flameGraph(profile, { title: file }));
      const places = lines(hotPlaces(profile, PLACES));
      return `${file}: where its busy time was spent; flame graph: ${svg}\n${places}\n\n${lines(hotFunctions(profile, FUNCTIONS))}\n`;
    })
    .join('\n');
}

function lines(hot: readonly HotFunction[]): string {
  return table(hot.map(({ name, selfMs, share }) => [name, `${selfMs.toFixed(0)} ms`, `${(100 * share).toFixed(1)} %`]));
}
