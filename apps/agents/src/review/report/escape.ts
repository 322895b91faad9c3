const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * Makes text from outside safe in HTML, in element content and in quoted attributes. Control and direction characters,
 * which could make a file name read as another, become visible.
 */
export function escapeHtml(text: string): string {
  return text
    .replace(
      /[\u0000-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g,
      (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    .replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? mark);
}

/** HTML that is safe already. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | readonly Html[];

function render(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === 'string') return escapeHtml(part);
  return typeof part === 'number' ? String(part) : part.map(({ text }) => text).join('');
}

/** Template tag: every value is escaped unless it is {@link Html} already, so that no place can forget it. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((string, index) => string + (index < parts.length ? render(parts[index] ?? '') : '')).join(''));
}

/** Makes text from outside safe in a Markdown table cell or list item. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, ' ').replace(/[\\`*_{}[\]<>|#~]/g, (mark) => `\\${mark}`);
}
