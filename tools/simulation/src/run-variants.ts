import { hunt, huntTable } from './variants/hunt.ts';
import { VARIANTS } from './variants/variants.ts';

const hunts = [];
for (const { name, within, ...variant } of VARIANTS) {
  process.stderr.write(`\r\u001b[K${name}`);
  hunts.push({ name, within, hunt: await hunt(variant, within) });
}
process.stderr.write('\r\u001b[K');
process.stdout.write(`${huntTable(hunts)}\n`);
const survivors = hunts.filter(({ hunt: { seed } }) => seed === undefined).length;
process.stdout.write(survivors === 0 ? `All ${hunts.length} are caught.\n` : `${survivors} of ${hunts.length} survive.\n`);
process.exitCode = survivors === 0 ? 0 : 1;
