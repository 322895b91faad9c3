import { type CallFrame, type CpuProfile, type ProfileNode, selfMicros } from './cpu-profile.ts';
import { isIdle, nameOf, type Owner, ownerOf, placeOf } from './frames.ts';

/** A function in one place of the call stacks, with all that was called from there. */
export interface FlameNode {
  readonly name: string;
  /** File and line; empty where there is none. */
  readonly place: string;
  readonly owner: Owner;
  /** Microseconds in the function itself, and in it with all that it called. */
  readonly selfMicros: number;
  readonly totalMicros: number;
  /** The longest first. */
  readonly children: readonly FlameNode[];
}

interface Growing {
  readonly name: string;
  readonly place: string;
  readonly owner: Owner;
  selfMicros: number;
  readonly children: Map<string, Growing>;
}

/**
 * The busy time of a profile as a tree: equal stacks are merged, idle time and stacks without a sample are left out. Stacks
 * deeper than `maxDepth` (default 500) are cut: what lies deeper counts for the last one that is kept.
 */
export function flameTree(profile: CpuProfile, maxDepth = 500): FlameNode {
  const micros = selfMicros(profile);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const root: Growing = { name: 'all', place: '', owner: 'native', selfMicros: 0, children: new Map() };
  for (const { node, into } of stacksOf(profile, nodes, root, maxDepth)) into.selfMicros += micros.get(node.id) ?? 0;
  return finished(root);
}

interface Placed {
  readonly node: ProfileNode;
  readonly into: Growing;
}

/** Every node once, with the place in the tree that it counts for. A file may say anything: cycles end, unknown ids are passed over. */
function* stacksOf(profile: CpuProfile, nodes: ReadonlyMap<number, ProfileNode>, root: Growing, maxDepth: number): Generator<Placed> {
  const [first] = profile.nodes;
  if (first === undefined) return;
  const seen = new Set([first.id]);
  const open: (Placed & { readonly depth: number })[] = [{ node: first, into: root, depth: 0 }];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    yield at;
    for (const id of at.node.children ?? []) {
      const node = nodes.get(id);
      if (node === undefined || seen.has(id) || isIdle(node.callFrame)) continue;
      seen.add(id);
      const into = at.depth < maxDepth ? childOf(at.into, node.callFrame) : at.into;
      open.push({ node, into, depth: at.depth + 1 });
    }
  }
}

function childOf(parent: Growing, frame: CallFrame): Growing {
  const name = nameOf(frame);
  const place = placeOf(frame);
  const key = `${name} ${place}`;
  const known = parent.children.get(key);
  if (known !== undefined) return known;
  const child: Growing = { name, place, owner: ownerOf(frame), selfMicros: 0, children: new Map() };
  parent.children.set(key, child);
  return child;
}

function finished(node: Growing): FlameNode {
  const children = [...node.children.values()]
    .map(finished)
    .filter(({ totalMicros }) => totalMicros > 0)
    .sort((a, b) => b.totalMicros - a.totalMicros || (a.name < b.name ? -1 : 1));
  const { name, place, owner, selfMicros } = node;
  const totalMicros = children.reduce((sum, child) => sum + child.totalMicros, selfMicros);
  return { name, place, owner, selfMicros, totalMicros, children };
}
