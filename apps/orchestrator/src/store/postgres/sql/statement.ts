/** A statement that each connection prepares once, under its name. */
export interface Statement {
  /** Also what the statement is called in metrics. */
  readonly name: string;
  readonly text: string;
  /** Its answer is given up after so many milliseconds, and the connection with it. Default: the limit of all statements and a bit. */
  readonly answerWithinMs?: number;
}

/** A parameter's element. JSON travels as text. */
export type Cell = string | number | boolean | null;

/** Milliseconds since 1970 as timestamptz. */
export function fromMs(expression: string): string {
  return `to_timestamp(${expression} / 1000)`;
}

/** timestamptz as milliseconds since 1970. */
export function toMs(expression: string): string {
  return `(extract(epoch from ${expression}) * 1000)::float8`;
}
