/** One call in a stack. */
export interface StackFrame {
  /** Name of the function; empty for none. */
  readonly name: string;
  /** Path or address of the file. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Neither of Node nor of a library. */
  readonly inApp: boolean;
}

const FRAME = /^\s{0,20}at (?:async )?(?:([^()]{1,300}) \()?((?:file:\/\/|node:)?[^()\s]{1,1000}):(\d{1,9}):(\d{1,9})\)?$/;

/** The frames of a stack as V8 writes it, uppermost first; lines of another form are left out. */
export function parseStack(stack: string | undefined): StackFrame[] {
  return (stack ?? '').split('\n').flatMap((line) => {
    const [, name = '', file, row, column] = FRAME.exec(line) ?? [];
    if (file === undefined) return [];
    return [{ name, file, line: Number(row), column: Number(column), inApp: !/^node:|[/\\]node_modules[/\\]/.test(file) }];
  });
}
