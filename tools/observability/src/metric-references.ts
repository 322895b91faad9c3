/** A metric that an expression reads, with the labels by which it is chosen. */
export interface MetricReference {
  readonly metric: string;
  readonly labels: readonly string[];
}

const KEYWORDS: ReadonlySet<string> = new Set([
  ...['and', 'or', 'unless', 'by', 'without', 'on', 'ignoring', 'group_left', 'group_right', 'offset', 'bool'],
]);

/** The metrics in an expression of PromQL, in the order in which they stand. */
export function metricReferences(expr: string): MetricReference[] {
  // texts, ranges and lists of labels name no metrics
  const bare = expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').replaceAll(/\[[^\]]*\]/g, '');
  const withoutLists = bare.replaceAll(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  return [...withoutLists.matchAll(/(?<![\w.:])([a-zA-Z_:][\w:]*)(\s*\()?(?:\{([^}]*)\})?/g)].flatMap(
    ([, name = '', call, matchers = '']) =>
      call !== undefined || KEYWORDS.has(name)
        ? []
        : [{ metric: name, labels: [...matchers.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => label) }],
  );
}
