import type { FlameNode } from './flame-tree.ts';

/** A rectangle of the picture. Lengths in pixels. */
export interface FlameBox {
  readonly node: FlameNode;
  /** 0 for the root, 1 for what it called, … */
  readonly depth: number;
  readonly x: number;
  readonly width: number;
}

/**
 * Lays the tree out from left to right: as wide as its share of the time, children beneath their caller, side by side from its left
 * end; what remains at the right is its own time. What has less than `minShare` of all is left out, with all that it called.
 */
export function flameLayout(root: FlameNode, width: number, minShare: number): readonly FlameBox[] {
  const boxes: FlameBox[] = [];
  if (root.totalMicros <= 0) return boxes;
  const perMicro = width / root.totalMicros;
  const open: FlameBox[] = [{ node: root, depth: 0, x: 0, width }];
  for (let box = open.pop(); box !== undefined; box = open.pop()) {
    boxes.push(box);
    let x = box.x;
    for (const node of box.node.children) {
      const share = node.totalMicros / root.totalMicros;
      if (share < minShare) continue;
      open.push({ node, depth: box.depth + 1, x, width: node.totalMicros * perMicro });
      x += node.totalMicros * perMicro;
    }
  }
  return boxes;
}
