#!/usr/bin/env node
/** `npm start` and `npm test` on a bare machine: installs what is missing, then runs the real program on Node 24. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, isInstalled, markInstalled } from './dependencies.mjs';
import { runForwarding } from './forward.mjs';
import { takeLock } from './lock.mjs';

const PROGRAMS = ['start', 'test'];
const root = fileURLToPath(new URL('../../..', import.meta.url));
const [program, ...args] = process.argv.slice(2);

if (!PROGRAMS.includes(program)) {
  console.error(`usage: bootstrap.mjs <${PROGRAMS.join('|')}> [arguments]`);
  process.exit(2);
}
if (!isInstalled(root)) await installOnce();
const node = join(root, 'node_modules', '.bin', 'node');
process.exit(
  await runForwarding(node, ['--disable-warning=ExperimentalWarning', join(root, 'tools', 'launch', 'src', `${program}.ts`), ...args]),
);

/** Two starts at once must not both write node_modules: the second waits and finds it done. */
async function installOnce() {
  const release = await takeLock(join(root, '.mainstay', 'install.lock'), {
    onWait: (pid) => console.log(`Another process (pid ${pid}) is installing the dependencies; waiting for it`),
  });
  try {
    if (isInstalled(root)) return;
    console.log('Installing the dependencies (npm ci); this takes a minute or two the first time');
    const code = await install(root);
    if (code !== 0) {
      console.error(
        `npm ci failed with exit code ${code}. See its output above; a network or a package registry is needed for the first start.`,
      );
      process.exitCode = code;
      process.exit(code);
    }
    markInstalled(root);
  } finally {
    release();
  }
}
