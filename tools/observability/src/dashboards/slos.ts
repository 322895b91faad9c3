import { objectives } from '../slo/objectives.ts';
import { type DashboardFacts, graph, stat } from './panel-facts.ts';

const ratio = (window: string, slo: string): string => `mainstay:slo_error_ratio:rate${window}{slo="${slo}"}`;

export const slos: DashboardFacts = {
  name: 'slos',
  title: 'Service level objectives',
  description: 'Is what was promised kept, and how fast is the budget spent? For owners of the service.',
  rows: objectives.map(({ name, title, target }) => {
    const budget = Number((1 - target).toPrecision(6));
    return {
      title,
      panels: [
        stat('Bad in 3 days', 'percentunit', ratio('3d', name), `Share of bad events; ${budget * 100} % are granted.`, {
          runbooks: [`${name}-burns`],
          limits: [budget / 2, budget],
        }),
        stat('Pace now', 'short', `${ratio('5m', name)} / ${budget}`, 'Times the pace at which the budget lasts 30 days.', {
          runbooks: [`${name}-burns`],
          limits: [1, 14.4],
        }),
        graph(
          'Pace of the burn',
          'short',
          Object.fromEntries(['5m', '1h', '6h', '1d'].map((window) => [window, `${ratio(window, name)} / ${budget}`])),
          'Alerts come at 14.4 (1 h), 6 (6 h), 3 (1 day) and 1 (3 days).',
          [`${name}-burns`],
        ),
      ],
    };
  }),
};
