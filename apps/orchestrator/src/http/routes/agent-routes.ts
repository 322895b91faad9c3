import type { z } from 'zod';
import type { Engine, WorkerInfo } from '../../engine/engine.ts';
import { defineRoute } from '../route.ts';
import { agentsView } from '../schemas/agents.ts';
import { defined, iso } from '../views/iso.ts';

type AgentsView = z.input<typeof agentsView>;

export const agentRoutes = [
  defineRoute({
    id: 'listAgents',
    method: 'get',
    path: '/api/v1/agents',
    tag: 'Agents',
    access: 'agents:read',
    summary: 'Live workers, the kinds of agents they offer, and kinds that are missing',
    replies: { 200: { description: 'As the last heartbeats show them', schema: agentsView } },
    handle: ({ services: { engine } }) => ({ status: 200, json: viewAgents(engine) }),
  }),
];

function viewAgents(engine: Engine): AgentsView {
  const workers = engine.workers();
  const offers = engine.offers();
  const kinds = new Set([...offers.keys(), ...workers.flatMap((worker) => worker.kinds)]);
  return {
    workers: workers.map(viewWorker),
    orchestrators: [...engine.orchestrators()],
    kinds: [...kinds].sort().map((kind) => {
      const { version, description, input, output } = offers.get(kind) ?? {};
      return {
        kind,
        ...defined({ version, description, input, output }),
        workers: workers.filter((worker) => worker.kinds.includes(kind)).length,
      };
    }),
    missing: engine.missingKinds().map(({ agent, waiting, since }) => ({ agent, waiting, since: iso(since) })),
  };
}

function viewWorker({ startedAt, lastHeartbeatAt, kinds, ...worker }: WorkerInfo): AgentsView['workers'][number] {
  return {
    ...worker,
    kinds: [...kinds],
    load: Math.round((worker.running / worker.capacity) * 1_000) / 1_000,
    startedAt: iso(startedAt),
    lastHeartbeatAt: iso(lastHeartbeatAt),
  };
}
