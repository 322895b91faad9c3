import type { Connection, Submittable } from 'pg';
import type { Parameter } from './database.ts';
import type { Statement } from './sql/statement.ts';

/** A row as text, in the order of the columns. */
export type TextRow = readonly (string | null)[];

/** What a client keeps of the statements that it has prepared; see `Client` of pg. */
interface Prepared {
  readonly parsedStatements: Readonly<Record<string, string | undefined>>;
  readonly submittedNamedStatements: Record<string, string | undefined>;
  readonly stream: { write(bytes: Buffer): boolean };
}

/** Exactly one of the two is given. */
export type HotCallback = (error: Error | undefined, rows: readonly TextRow[] | undefined) => void;

/**
 * A prepared statement whose columns the caller knows: nothing is asked about them, values come as text, and everything is sent
 * in one write. It costs little more than half of a query of pg. The client calls the methods.
 */
export class HotQuery implements Submittable {
  readonly name: string;
  readonly text: string;
  /** The client wraps it, to end the query when its time is over. */
  callback: HotCallback;
  readonly #parameters: readonly Parameter[];
  readonly #rows: TextRow[] = [];

  constructor({ name, text }: Statement, parameters: readonly Parameter[], callback: HotCallback) {
    this.name = name;
    this.text = text;
    this.callback = callback;
    this.#parameters = parameters;
  }

  submit(connection: Connection): void {
    const { parsedStatements, submittedNamedStatements, stream } = connection as unknown as Prepared;
    const bytes = execution(this.name, this.#parameters);
    if (parsedStatements[this.name] === undefined && submittedNamedStatements[this.name] === undefined) {
      connection.parse({ name: this.name, text: this.text, types: [] }, true);
      submittedNamedStatements[this.name] = this.text;
    }
    stream.write(bytes);
  }

  handleDataRow({ fields }: { readonly fields: TextRow }): void {
    this.#rows.push(fields);
  }

  handleReadyForQuery(): void {
    this.callback(undefined, this.#rows);
  }

  handleError(error: Error): void {
    this.callback(error, undefined);
  }

  handleRowDescription(): void {
    // Not asked for.
  }

  handleCommandComplete(): void {
    // Ready for query follows.
  }

  handleEmptyQuery(): void {
    // Ready for query follows.
  }

  handlePortalSuspended(): void {
    // Never: all rows are asked for at once.
  }
}

const BIND = 0x42;
const EXECUTE = 0x45;
const SYNC = 0x53;
const BINARY = 1;
/** Execute of the unnamed portal, all rows; sync. */
const TAIL = Buffer.from([EXECUTE, 0, 0, 0, 9, 0, 0, 0, 0, 0, SYNC, 0, 0, 0, 4]);

/** Bind, execute and sync. Buffers are values in the binary format, everything else is text. */
function execution(name: string, parameters: readonly Parameter[]): Buffer {
  const count = parameters.length;
  let bound = 32 + 3 * name.length + 6 * count + TAIL.length;
  for (const value of parameters) bound += Buffer.isBuffer(value) ? value.length : typeof value === 'string' ? 3 * value.length : 32;
  const bytes = Buffer.allocUnsafe(bound);
  bytes[0] = BIND;
  bytes[5] = 0;
  let end = 6 + bytes.write(name, 6);
  bytes[end++] = 0;
  end = bytes.writeInt16BE(count, end);
  for (const value of parameters) end = bytes.writeInt16BE(Buffer.isBuffer(value) ? BINARY : 0, end);
  end = bytes.writeInt16BE(count, end);
  for (const value of parameters) end = writeValue(bytes, value, end);
  end = bytes.writeInt16BE(0, end);
  bytes.writeInt32BE(end - 1, 1);
  end += TAIL.copy(bytes, end);
  return bytes.subarray(0, end);
}

/** Length and value of a parameter; returns where it ends. */
function writeValue(bytes: Buffer, value: Parameter, at: number): number {
  if (value === null) return bytes.writeInt32BE(-1, at);
  const length = Buffer.isBuffer(value) ? value.copy(bytes, at + 4) : bytes.write(String(value), at + 4);
  bytes.writeInt32BE(length, at);
  return at + 4 + length;
}
