/** What YAML is made of here. */
export type YamlValue = string | number | boolean | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/** Block style; keys and texts are quoted where they must be, so that nothing is taken for a number, a date or a truth. */
export function toYaml(value: YamlValue, indent = ''): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return quoted(value);
  if (isList(value))
    return value.length === 0 ? '[]' : value.map((item) => `\n${indent}- ${toYaml(item, `${indent}  `).trimStart()}`).join('');
  const entries = Object.entries(value);
  return entries.length === 0 ? '{}' : entries.map(([key, item]) => `\n${indent}${quoted(key)}:${beside(item, `${indent}  `)}`).join('');
}

function beside(value: YamlValue, indent: string): string {
  const text = toYaml(value, indent);
  return text.startsWith('\n') ? text : ` ${text}`;
}

const PLAIN = /^[A-Za-z][\w./-]*$/;
const RESERVED = /^(?:true|false|yes|no|on|off|null|y|n)$/i;

function quoted(text: string): string {
  return PLAIN.test(text) && !RESERVED.test(text) ? text : JSON.stringify(text);
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}
