#!/usr/bin/env node
/**
 * npm's postinstall: generates the database client when its schema is newer, and notes what is installed now.
 * Runs on Node 20; the generator runs on Node 24.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { markInstalled } from './dependencies.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const app = join(root, 'apps', 'orchestrator');
const schema = join(app, 'prisma', 'schema.prisma');
const generated = join(app, 'src', 'store', 'postgres', 'generated');
const stamp = join(generated, '.schema-hash');
const node = join(root, 'node_modules', '.bin', 'node');
const prisma = join(root, 'node_modules', 'prisma', 'build', 'index.js');

if (existsSync(schema) && existsSync(prisma) && !isCurrent()) generate();
if (process.env.npm_lifecycle_event === 'postinstall') markInstalled(root);

function schemaHash() {
  return createHash('sha256')
    .update(readFileSync(schema))
    .update(readFileSync(join(root, 'node_modules', 'prisma', 'package.json')))
    .digest('hex');
}

function isCurrent() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === schemaHash();
}

/** The generator needs no schema engine (a binary that Prisma would download); /bin/true stands in for it. */
function generate() {
  const { status, stdout, stderr, error } = spawnSync(
    existsSync(node) ? node : process.execPath,
    [prisma, 'generate', '--schema', schema],
    {
      cwd: app,
      encoding: 'utf8',
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' },
    },
  );
  if (status === 0) {
    writeFileSync(stamp, `${schemaHash()}\n`);
    return;
  }
  console.error(`prisma generate failed (exit code ${status}): ${error?.message ?? ''}\n${stdout}\n${stderr}`);
  process.exit(1);
}
