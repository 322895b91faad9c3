/** What agents note beside the platform: a step begins, has its effect, is done; or its attempt ends otherwise. */
export type StepSign = 'b' | 'e' | 'd' | 'x';

export interface StepLine {
  readonly sign: StepSign;
  /** Milliseconds since 1970 by a clock that does not jump. */
  readonly at: number;
  readonly pid: number;
  readonly run: string;
  readonly task: string;
}

/** A clock that goes on evenly whatever becomes of the wall clock. */
export function evenNow(): number {
  return performance.timeOrigin + performance.now();
}

export function stepLine({ sign, at, pid, run, task }: StepLine): string {
  return `${sign} ${at.toFixed(1)} ${String(pid)} ${run} ${task}\n`;
}

/** The lines of a log, in order of time; what is no line (one that a crash cut) is left out. */
export function parseSteps(text: string): readonly StepLine[] {
  const lines: StepLine[] = [];
  for (const line of text.split('\n')) {
    const [sign, at, pid, run, task] = line.split(' ');
    if ((sign !== 'b' && sign !== 'e' && sign !== 'd' && sign !== 'x') || run === undefined || task === undefined) continue;
    lines.push({ sign, at: Number(at), pid: Number(pid), run, task });
  }
  return lines.sort((a, b) => a.at - b.at);
}
