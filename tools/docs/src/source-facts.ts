import { textOf } from './repository.ts';

const MODEL = 'apps/orchestrator/src/pipeline/model.ts';

/** Members of a union of texts, as the model declares it. */
export function unionOf(type: 'RunStatus' | 'TaskStatus'): string[] {
  const declaration = new RegExp(`^export type ${type} =([^;]*);`, 'm').exec(textOf(MODEL))?.[1];
  if (declaration === undefined) throw new Error(`${MODEL} has no type ${type}`);
  return quoted(declaration);
}

/** Names of events, as the model declares them. */
export function eventTypes(): string[] {
  const declaration = /^export const EVENT_TYPES = \[([^\]]*)\]/m.exec(textOf(MODEL))?.[1];
  if (declaration === undefined) throw new Error(`${MODEL} has no EVENT_TYPES`);
  return quoted(declaration);
}

function quoted(text: string): string[] {
  return [...text.matchAll(/'([^']+)'/g)].map(([, name]) => name ?? '');
}

/** States that a Mermaid state diagram shows. */
export function statesOf(diagram: string): Set<string> {
  const arrows = [...diagram.matchAll(/^\s*(\S+)\s*-->\s*([^\s:]+)/gm)];
  return new Set(arrows.flatMap(([, from = '', to = '']) => [from, to]).filter((state) => state !== '[*]'));
}

/** Arrows of a state diagram that lead into `[*]`: the final states. */
export function finalStatesOf(diagram: string): Set<string> {
  return new Set([...diagram.matchAll(/^\s*(\S+)\s*-->\s*\[\*\]/gm)].map(([, from = '']) => from));
}
