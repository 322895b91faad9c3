import { invalid } from './evaluation.ts';

/** A piece of a template string: text as it stands, or the source of an expression. */
export type Segment = { readonly text: string } | { readonly expression: string };

/** Splits a string into text and `${…}`; `$${` is a literal `${`. Throws EXPRESSION_INVALID for an unclosed one. */
export function scanTemplate(template: string): readonly Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  let text = '';
  for (;;) {
    const open = template.indexOf('${', from);
    if (open < 0) break;
    if (open > from && template[open - 1] === '$') {
      text += `${template.slice(from, open - 1)}\${`;
      from = open + 2;
      continue;
    }
    text += template.slice(from, open);
    if (text !== '') segments.push({ text });
    text = '';
    const close = closingBrace(template, open + 2);
    segments.push({ expression: template.slice(open + 2, close) });
    from = close + 1;
  }
  text += template.slice(from);
  if (text !== '' || segments.length === 0) segments.push({ text });
  return segments;
}

/** The offset of the brace that closes the expression; braces within strings and maps are passed over. */
function closingBrace(template: string, start: number): number {
  let depth = 0;
  for (let i = start; i < template.length; i++) {
    const char = template[i];
    if (char === '"' || char === "'") i = endOfString(template, i, char);
    else if (char === '{') depth++;
    else if (char === '}' && depth-- === 0) return i;
  }
  throw invalid('an expression is not closed: } is missing', start - 2);
}

/** The offset of the last character of the string literal that begins at `start`. */
function endOfString(template: string, start: number, quote: string): number {
  const delimiter = template.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
  for (let i = start + delimiter.length; i < template.length; i++) {
    if (template[i] === '\\') i++;
    else if (template.startsWith(delimiter, i)) return i + delimiter.length - 1;
  }
  throw invalid('a string in an expression is not closed', start);
}
