import type { Lint, LintFinding } from '../model.ts';
import { plural } from '../tally.ts';
import { TopList } from '../top-list.ts';

const weightOf = ({ severity }: LintFinding): number => (severity === 'error' ? 1 : 0);

/** Adds up findings in bounded memory: all are counted, the first errors and then the first warnings are kept. */
export class LintSum {
  #filesChecked = 0;
  #leftOut = 0;
  #errors = 0;
  #warnings = 0;
  readonly #rules = new Map<string, Lint['rules'][number]>();
  readonly #kept = new TopList<LintFinding>(150, weightOf);

  get filesChecked(): number {
    return this.#filesChecked + this.#leftOut;
  }

  get total(): number {
    return this.#errors + this.#warnings;
  }

  add(findings: readonly LintFinding[], files: number): void {
    this.#filesChecked += files;
    const ordered = [...findings].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line || a.column - b.column));
    for (const finding of ordered) {
      if (finding.severity === 'error') this.#errors += 1;
      else this.#warnings += 1;
      const { rule, severity, message } = finding;
      const known = this.#rules.get(`${severity} ${rule}`);
      this.#rules.set(`${severity} ${rule}`, { rule, severity, message: known?.message ?? message, count: (known?.count ?? 0) + 1 });
      this.#kept.add(finding);
    }
  }

  /** A file about which the linter says more than it may. */
  leaveOut(): void {
    this.#leftOut += 1;
  }

  result(tooLarge: number): Lint {
    const unchecked = tooLarge + this.#leftOut;
    return {
      measured: this.#filesChecked > 0,
      notes: [
        ...(this.#filesChecked === 0 ? ['There is no JavaScript or TypeScript here to lint.'] : []),
        ...(unchecked > 0 ? [`${plural(unchecked, 'very large file was', 'very large files were')} not linted.`] : []),
      ],
      filesChecked: this.#filesChecked,
      errors: this.#errors,
      warnings: this.#warnings,
      rules: [...this.#rules.values()].sort((a, b) => b.count - a.count || (a.rule < b.rule ? -1 : 1)).slice(0, 50),
      findings: this.#kept.items(),
    };
  }
}
