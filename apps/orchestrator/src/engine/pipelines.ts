import { NotFoundError } from '@mainstay/types';
import { compilePipeline } from '../pipeline/compile.ts';
import type { CompiledPipeline } from '../pipeline/model.ts';
import type { Store } from '../store/store.ts';

/** Compiled pipeline versions; a version never changes, so that what is compiled once stays valid. */
export class Pipelines {
  readonly #compiled = new Map<string, CompiledPipeline>();
  readonly #store: Store;
  readonly #max: number;

  constructor(store: Store, max = 1_000) {
    this.#store = store;
    this.#max = max;
  }

  /** The given version, or the newest. Rejects with PIPELINE_NOT_FOUND. */
  async get(tenant: string, name: string, version?: number): Promise<CompiledPipeline> {
    const known = version === undefined ? undefined : this.#compiled.get(key(tenant, name, version));
    if (known !== undefined) return known;
    const row = await this.#store.pipeline(tenant, name, version);
    if (row === undefined) {
      throw new NotFoundError(
        'PIPELINE_NOT_FOUND',
        version === undefined ? `There is no pipeline ${name}` : `There is no version ${version} of pipeline ${name}`,
        {
          details: { pipeline: name, ...(version === undefined ? {} : { version }) },
        },
      );
    }
    const compiled = this.#compiled.get(key(tenant, name, row.version)) ?? compilePipeline(row.definition, row.version);
    this.#keep(key(tenant, name, row.version), compiled);
    return compiled;
  }

  #keep(id: string, compiled: CompiledPipeline): void {
    this.#compiled.delete(id);
    this.#compiled.set(id, compiled);
    if (this.#compiled.size <= this.#max) return;
    const oldest = this.#compiled.keys().next();
    if (oldest.done !== true) this.#compiled.delete(oldest.value);
  }
}

function key(tenant: string, name: string, version: number): string {
  return `${tenant}\n${name}\n${version}`;
}
