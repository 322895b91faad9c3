/** Longest expression, in characters. */
export const MAX_SOURCE_LENGTH = 2_000;
/** Nesting of calls, selections, indexes, brackets and literals in one expression. */
export const MAX_DEPTH = 64;
/** Nodes of an expression's syntax tree. */
export const MAX_NODES = 500;
/** Longest pattern of `matches`, in characters. */
export const MAX_PATTERN_LENGTH = 200;
/**
 * What one evaluation may cost. One unit: one node evaluated, one list element or map entry looked at, 16 characters
 * of text handled. A million units take some tens of milliseconds.
 */
export const MAX_COST = 1_000_000;
/** What compiling a pattern that is not a literal costs. */
export const PATTERN_COST = 20_000;
/** What a failing sub-expression that `||`, `&&`, `all` or `exists` swallows costs. */
export const FAULT_COST = 500;
/** Longest string that an expression may build, in characters. */
export const MAX_TEXT_LENGTH = 1_000_000;
/** Longest list that an expression may build. */
export const MAX_LIST_LENGTH = 100_000;
/** Largest value that an expression or a template may build, in characters of its JSON (estimated). */
export const MAX_RESULT_LENGTH = 8_000_000;
/** Nesting of a value that an expression or a template builds. */
export const MAX_RESULT_DEPTH = 200;
/** Nesting of objects and arrays in a template. */
export const MAX_TEMPLATE_DEPTH = 32;
/** Expressions in one template. */
export const MAX_TEMPLATE_EXPRESSIONS = 200;
