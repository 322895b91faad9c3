import type { ReportInput } from '../model.ts';
import { gauge } from './charts.ts';
import { Html, markup } from './escape.ts';
import {
  dependenciesSection,
  duplicatesSection,
  historySection,
  inventorySection,
  lintSection,
  scoreSection,
  secretsSection,
} from './sections.ts';
import { STYLE } from './style.ts';

/** No script runs and nothing is loaded, even if something of the reviewed repository slipped through unescaped. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The whole report as one HTML document that needs nothing else. `run` names it; `at` is an ISO time. */
export function htmlReport(input: ReportInput, run: string, at: string): string {
  const { inventory, lint, secrets, duplicates, dependencies, score } = input;
  const cap = score.cap === null ? new Html('') : markup`<p class="bad-text">${score.cap.reason}</p>`;
  const details = inventory.measured
    ? markup`${scoreSection(score.components)}${inventorySection(inventory)}${historySection(inventory)}${lintSection(lint)}${secretsSection(secrets)}${duplicatesSection(duplicates)}${dependenciesSection(dependencies)}`
    : markup`<section><h2>Nothing to review</h2>${inventory.notes.map((note) => markup`<p>${note}</p>`)}</section>`;
  return markup`<!doctype html><html lang="en"><head><meta charset="utf-8" /><meta http-equiv="Content-Security-Policy" content="${new Html(POLICY)}" /><meta name="viewport" content="width=device-width, initial-scale=1" /><meta name="robots" content="noindex" /><title>Review of ${inventory.name}</title><style>${new Html(STYLE)}</style></head><body><main><h1>Review of ${inventory.name}</h1><p class="soft">${at.slice(0, 16).replace('T', ' ')} UTC · run ${run}</p><div class="top">${gauge(score.score, score.grade)}<div><p>${score.summary}</p>${cap}</div></div>${details}<footer>Made by the Mainstay review pipeline. Figures come from oxlint, secretlint, jscpd, git and the manifests and lockfiles; nothing of the repository was executed.</footer></main></body></html>`
    .text;
}
