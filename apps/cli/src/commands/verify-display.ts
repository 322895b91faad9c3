import type { Finding, VerifyProgress } from '@mainstay/verify';
import { cell, type Line } from '../render/line.ts';
import { counted, Progress } from '../render/progress.ts';
import { clean } from '../render/text.ts';
import type { Session } from '../session.ts';

const BAR = 24;
/** Between two lines of progress where nothing can be redrawn. */
const PLAIN_EVERY_MS = 5_000;

/** Shows a check while it runs: a bar at a terminal, a line now and then elsewhere, and each finding. */
export class VerifyDisplay {
  readonly #session: Session;
  readonly #bar: Progress;
  #toldAt = Date.now();

  constructor(session: Session) {
    this.#session = session;
    this.#bar = new Progress(session.io.stdout, session.settings.live);
  }

  progress({ runs, of, findings }: VerifyProgress): void {
    const share = of === 0 ? 1 : Math.min(1, runs / of);
    const text = `${(100 * share).toFixed(0)} %  ${runs.toLocaleString('en')} of ${counted(of, 'run')}, ${counted(findings, 'finding')}`;
    const full = Math.round(BAR * share);
    this.#bar.show(`[${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${text}`);
    if (this.#session.settings.live || Date.now() - this.#toldAt < PLAIN_EVERY_MS) return;
    this.#toldAt = Date.now();
    this.#session.hint(text);
  }

  finding(finding: Finding): void {
    if (this.#session.settings.json) return;
    this.#bar.end();
    this.#session.writeLine(findingLine(finding));
  }

  end(): void {
    this.#bar.end();
  }
}

function findingLine({ code, run, stage, message }: Finding): Line {
  const where = `${run === undefined ? '' : ` run ${run}`}${stage === undefined ? '' : `, stage ${clean(stage)}`}`;
  return [cell(code, 'bad'), cell(`${where}: ${clean(message)}`)];
}
