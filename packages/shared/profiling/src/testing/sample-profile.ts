import type { CpuProfile } from '../cpu-profile.ts';

/** A stack, outermost first, with the microseconds that it was on top. A frame is `function@url`. */
export type SampleStack = readonly [stack: readonly string[], micros: number];

/** A profile with these stacks under its root, one sample each; equal stacks get nodes of their own, as a profile by line has. */
export function sampleProfile(stacks: readonly SampleStack[]): CpuProfile {
  const nodes = [{ id: 1, callFrame: frameOf('(root)'), children: [] as number[] }];
  const samples: number[] = [];
  const timeDeltas: number[] = [];
  for (const [stack, micros] of stacks) {
    let parent = nodes[0];
    for (const frame of stack) {
      const node = { id: nodes.length + 1, callFrame: frameOf(frame), children: [] as number[] };
      nodes.push(node);
      parent?.children.push(node.id);
      parent = node;
    }
    samples.push(parent?.id ?? 1);
    timeDeltas.push(micros);
  }
  return { nodes, samples, timeDeltas };
}

function frameOf(frame: string) {
  const [functionName = '', url = ''] = frame.split('@');
  return { functionName, url, lineNumber: 0 };
}
