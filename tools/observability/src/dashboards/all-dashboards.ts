import { agents } from './agents.ts';
import { capacity } from './capacity.ts';
import { dependencies } from './dependencies.ts';
import { operatorOverview } from './operator-overview.ts';
import type { DashboardFacts, PanelFacts } from './panel-facts.ts';
import { runsAndQueues } from './runs-and-queues.ts';
import { security } from './security.ts';
import { slos } from './slos.ts';

export const allDashboards: readonly DashboardFacts[] = [operatorOverview, runsAndQueues, agents, dependencies, slos, capacity, security];

/** Every panel, with the name of its dashboard. */
export const allPanels: readonly { readonly dashboard: string; readonly panel: PanelFacts }[] = allDashboards.flatMap(({ name, rows }) =>
  rows.flatMap(({ panels }) => panels.map((panel) => ({ dashboard: name, panel }))),
);
