import { createHash } from 'node:crypto';

/** The only style sheet; the content security policy names its hash. */
const STYLE = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:0 auto;padding:1rem 1rem 4rem}
h1{margin-bottom:.2rem}h2{margin-top:2.5rem;border-bottom:1px solid color-mix(in srgb,currentColor 25%,transparent)}
code,pre{font:.875rem/1.45 ui-monospace,monospace}
pre{overflow:auto;padding:.75rem;border-radius:.4rem;background:color-mix(in srgb,currentColor 7%,transparent)}
details{margin:.4rem 0;padding:.4rem .75rem;border:1px solid color-mix(in srgb,currentColor 20%,transparent);border-radius:.4rem}
summary{cursor:pointer}summary b{display:inline-block;min-width:4.2rem}
table{border-collapse:collapse;width:100%}td,th{padding:.25rem .5rem;text-align:left;vertical-align:top;border-bottom:1px solid color-mix(in srgb,currentColor 15%,transparent)}
.muted{opacity:.75}`;

/** For `style-src`. */
export const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** A page of HTML from a body that is already escaped. */
export function htmlPage(title: string, body: string): string {
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>${body}</body></html>\n`
  );
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
