/**
 * The operands of an alert's expression without its limits: each must have data, also while the alert is silent. `a > 5 unless b > 0`
 * gives `a` and `b`.
 */
export function bareExpressions(expr: string): string[] {
  const withoutLimits = expr.replaceAll(/\s(?:[<>]=?|==|!=)\s(?:bool\s)?-?[\d.]+/g, '');
  return splitAtTop(withoutLimits);
}

/** Splits at `and` and `unless` that stand in no parentheses. */
function splitAtTop(expr: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < expr.length; at++) {
    if (expr[at] === '(') depth += 1;
    if (expr[at] === ')') depth -= 1;
    const word = depth === 0 ? /^ (?:and|unless)(?: on \([^)]*\))? /.exec(expr.slice(at)) : null;
    if (word === null) continue;
    parts.push(expr.slice(from, at));
    from = at + word[0].length;
    at = from - 1;
  }
  parts.push(expr.slice(from));
  return parts.map((part) => part.trim());
}
