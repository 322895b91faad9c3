import { type ColumnType, columnOf } from './binary-array.ts';
import type { Cell } from './statement.ts';

/** Rows that are passed as one array parameter per column, or one row as one parameter per column. The first column is never null. */
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

  /** One row, as one parameter per column: much cheaper to start than arrays. `(select $4::uuid as run_id, …) as alias`. */
  row(first: number, alias: string): string {
    const columns = this.#names.map((name, index) => `$${String(first + index)}::${this.#types[name]} as ${name}`);
    return `(select ${columns.join(', ')}) as ${alias}`;
  }

  /** Parameters of {@link row}. */
  cells(row: Readonly<Record<C, Cell>>): readonly Cell[] {
    return this.#names.map((name) => row[name]);
  }

  /**
   * Parameters of {@link unnest}. A column of nothing but nulls is an empty array: `unnest` fills it up. Throws RangeError for a number
   * that the column's type does not hold.
   */
  parameters(rows: readonly Readonly<Record<C, Cell>>[]): readonly Buffer[] {
    return this.#names.map((name) => columnOf(this.#types[name], isEmpty(rows, name) ? [] : rows, name));
  }
}

function isEmpty<C extends string>(rows: readonly Readonly<Record<C, Cell>>[], name: C): boolean {
  for (const row of rows) if (row[name] !== null) return false;
  return true;
}
