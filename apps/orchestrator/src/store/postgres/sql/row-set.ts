import { type ColumnType, columnOf } from './binary-array.ts';
import type { Cell } from './statement.ts';

/** Rows that are passed as one array parameter per column. */
export class RowSet<C extends string> {
  readonly #types: Readonly<Record<C, ColumnType>>;
  readonly #names: readonly C[];

  /** Postgres type of each column. */
  constructor(types: Readonly<Record<C, ColumnType>>) {
    this.#types = types;
    this.#names = Object.keys(types) as C[];
  }

  /** Number of parameters. */
  get width(): number {
    return this.#names.length;
  }

  /** Names of the columns. */
  get columns(): string {
    return this.#names.join(', ');
  }

  /** `unnest($4::uuid[], …) as alias (run_id, …)`, its parameters beginning with the given number. */
  unnest(first: number, alias: string): string {
    const parameters = this.#names.map((name, index) => `$${String(first + index)}::${this.#types[name]}[]`);
    return `unnest(${parameters.join(', ')}) as ${alias} (${this.columns})`;
  }

  /** Throws RangeError for a number that the column's type does not hold. */
  parameters(rows: readonly Readonly<Record<C, Cell>>[]): readonly Buffer[] {
    return this.#names.map((name) => columnOf(this.#types[name], rows, name));
  }
}
