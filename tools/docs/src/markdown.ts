/** A fenced block of a document. */
export interface CodeBlock {
  readonly language: string;
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

/** The fenced blocks, in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { readonly fence: string; readonly language: string; readonly line: number; readonly lines: string[] } | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^\s*(`{3,})\s*(\S*)/.exec(line);
    if (open !== undefined) {
      if (fence?.[1] === open.fence && fence[2] === '') {
        blocks.push({ language: open.language, text: open.lines.join('\n'), line: open.line });
        open = undefined;
      } else open.lines.push(line);
    } else if (fence !== null) {
      open = { fence: fence[1] ?? '', language: fence[2] ?? '', line: index + 1, lines: [] };
    }
  }
  return blocks;
}

/** The text without its fenced blocks. */
export function prose(markdown: string): string {
  return markdown.replace(/^\s*(`{3,})[^\n]*\n[\s\S]*?^\s*\1\s*$/gm, '');
}

/** Everything that is set as code: fenced blocks and inline spans. */
export function codeOf(markdown: string): string[] {
  const spans = [...prose(markdown).matchAll(/`([^`\n]+)`/g)].map(([, span]) => span ?? '');
  return [...codeBlocks(markdown).map(({ text }) => text), ...spans];
}

/** Targets of links and pictures that are not on the web. */
export function relativeLinks(markdown: string): string[] {
  const text = prose(markdown).replace(/`[^`\n]*`/g, '');
  const targets = [...text.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].map(([, target]) => target ?? '');
  return targets.filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target));
}

/** Names under which GitHub links to the headings. */
export function anchors(markdown: string): Set<string> {
  const headings = prose(markdown).match(/^#{1,6} .+$/gm) ?? [];
  return new Set(headings.map((heading) => slug(heading.replace(/^#+ /, ''))));
}

function slug(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

/** What stands between `<!-- name: begin … -->` and `<!-- name: end -->`; undefined without the markers. */
export function between(markdown: string, name: string): string | undefined {
  return new RegExp(`<!-- ${name}: begin[^>]*-->\\n([\\s\\S]*?)<!-- ${name}: end`).exec(markdown)?.[1];
}
