import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './repository.ts';
import { runNode } from './run-program.ts';

/** Targets by project. */
export type Projects = ReadonlyMap<string, ReadonlySet<string>>;

const NX = join(ROOT, 'node_modules', '.bin', 'nx');

interface GraphFile {
  readonly graph: { readonly nodes: Readonly<Record<string, { readonly data: { readonly targets?: Readonly<Record<string, unknown>> } }>> };
}

/** Asks Nx for its project graph, inferred targets included. Leaves the graph in Nx's cache, where the layer rule finds it. */
export async function readProjects(): Promise<Projects> {
  const folder = mkdtempSync(join(tmpdir(), 'mainstay-graph-'));
  const file = join(folder, 'graph.json');
  try {
    const { code, stdout, stderr } = await runNode([NX, 'graph', `--file=${file}`], {
      cwd: ROOT,
      timeoutMs: 240_000,
      env: { NX_DAEMON: 'false' },
    });
    if (code !== 0) throw new Error(`nx graph ended with ${String(code)}:\n${stdout}\n${stderr}`);
    const { graph } = JSON.parse(readFileSync(file, 'utf8')) as GraphFile;
    return new Map(Object.entries(graph.nodes).map(([name, { data }]) => [name, new Set(Object.keys(data.targets ?? {}))]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
