import { NotFoundError } from '@mainstay/types';
import { compilePipeline } from '../pipeline/compile.ts';
import type { CompiledPipeline } from '../pipeline/model.ts';
import type { Store } from '../store/store.ts';

interface Known {
  readonly tenant: string;
  readonly name: string;
  readonly version: number;
  readonly compiled: CompiledPipeline;
}

/** Compiled pipeline versions; a version never changes, so that what is compiled once stays valid. */
export class Pipelines {
  readonly #known = new Map<string, Known>();
  readonly #store: Store;
  readonly #max: number;
  /** The one that was asked for last: most often it is the next one, too. */
  #last: Known | undefined;

  constructor(store: Store, max = 1_000) {
    this.#store = store;
    this.#max = max;
  }

  /** A version that is compiled already. */
  known(tenant: string, name: string, version: number): CompiledPipeline | undefined {
    const last = this.#last;
    if (last?.version === version && last.name === name && last.tenant === tenant) return last.compiled;
    const found = this.#known.get(keyOf(tenant, name, version));
    if (found !== undefined) this.#last = found;
    return found?.compiled;
  }

  /** The given version, or the newest; its definition is read only when it is not compiled yet. Rejects with PIPELINE_NOT_FOUND. */
  async get(tenant: string, name: string, version?: number): Promise<CompiledPipeline> {
    const wanted = version ?? (await this.#store.newestVersion(tenant, name));
    if (wanted === undefined) throw notFound(name, version);
    const compiled = this.known(tenant, name, wanted) ?? (await this.#compile(tenant, name, wanted));
    this.#keep({ tenant, name, version: wanted, compiled });
    return compiled;
  }

  async #compile(tenant: string, name: string, version: number): Promise<CompiledPipeline> {
    const row = await this.#store.pipeline(tenant, name, version);
    if (row === undefined) throw notFound(name, version);
    return compilePipeline(row.definition, row.version);
  }

  #keep(known: Known): void {
    const key = keyOf(known.tenant, known.name, known.version);
    this.#known.delete(key);
    this.#known.set(key, known);
    if (this.#known.size <= this.#max) return;
    const oldest = this.#known.keys().next();
    if (oldest.done !== true) this.#known.delete(oldest.value);
  }
}

function notFound(pipeline: string, version: number | undefined): NotFoundError {
  const problem = version === undefined ? `There is no pipeline ${pipeline}` : `There is no version ${version} of pipeline ${pipeline}`;
  return new NotFoundError('PIPELINE_NOT_FOUND', problem, { details: { pipeline, ...(version === undefined ? {} : { version }) } });
}

function keyOf(tenant: string, name: string, version: number): string {
  return `${tenant}\n${name}\n${version}`;
}
