import { FAN_WIDTH, type Workload } from '../workloads.ts';

interface Stage {
  readonly id: string;
  readonly agent: string;
  readonly needs: readonly string[];
  readonly input: Readonly<Record<string, unknown>>;
}

export interface Definition {
  readonly name: string;
  readonly stages: readonly Stage[];
}

/** What a pipeline is made from. */
export interface PipelineShape extends Pick<Workload, 'shape' | 'stepsPerRun' | 'outputBytes' | 'stepMs'> {
  readonly name: string;
}

/** The pipeline of a workload: every stage gets the outputs of those before it, the last one of a fan those of all. */
export function definitionOf(workload: PipelineShape): Definition {
  const agent = workload.stepMs > 0 ? 'bench-sleep' : 'bench-step';
  const stage = (step: number, needs: readonly string[]): Stage => ({
    id: `s${step}`,
    agent,
    needs,
    input: {
      step,
      bytes: workload.outputBytes,
      ...(workload.stepMs > 0 ? { ms: workload.stepMs } : {}),
      ...(needs.length > 0 ? { previous: needs.map((need) => `\${stages.${need}.output}`) } : {}),
    },
  });
  return { name: workload.name, stages: workload.shape === 'fan' ? fan(stage) : chain(stage, workload.stepsPerRun) };
}

type MakeStage = (step: number, needs: readonly string[]) => Stage;

function chain(stage: MakeStage, length: number): readonly Stage[] {
  return Array.from({ length }, (_, index) => stage(index + 1, index === 0 ? [] : [`s${index}`]));
}

function fan(stage: MakeStage): readonly Stage[] {
  const middle = Array.from({ length: FAN_WIDTH }, (_, index) => stage(index + 2, ['s1']));
  return [
    stage(1, []),
    ...middle,
    stage(
      FAN_WIDTH + 2,
      middle.map(({ id }) => id),
    ),
  ];
}
