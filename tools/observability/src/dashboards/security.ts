import { type DashboardFacts, graph, rate, stat } from './panel-facts.ts';

export const security: DashboardFacts = {
  name: 'security',
  title: 'Security',
  description: 'Who is refused, and what does not come from us. For whoever is responsible for security.',
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Keys that expire', 'short', 'max(mainstay_api_keys_expiring)', 'API keys in force that expire within 14 days.', {
          runbooks: ['api-keys-expire'],
          limits: [1, 5],
        }),
        stat(
          'Audit records that wait',
          'short',
          'sum(mainstay_audit_records_waiting)',
          'For the database; what ends first has them in its log only.',
          {
            runbooks: ['audit-records-wait'],
            limits: [1, 100],
          },
        ),
        stat('Refused messages', 'ops', rate('mainstay_messages_refused_total'), 'Between processes, of any reason: there must be none.', {
          runbooks: ['messages-refused'],
          limits: [0.001, 0.1],
        }),
        stat('Processes in an emergency', 'short', 'sum(mainstay_emergency)', 'They shed work of low priority.', {
          runbooks: ['emergency'],
          limits: [1, 2],
        }),
        stat('Emergencies in a day', 'short', 'sum(increase(mainstay_emergencies_total[1d]))', 'That began, of any trigger.', {
          runbooks: ['emergency'],
          limits: [1, 5],
        }),
      ],
    },
    {
      title: 'Callers',
      panels: [
        graph(
          'Refused for who they are',
          'reqps',
          { '{{status}} {{route}}': rate('mainstay_http_requests_total{status=~"401|403"}', ['status', 'route']) },
          '401: no valid key. 403: not allowed. Many of one route look like guessing.',
          ['messages-refused'],
        ),
        graph(
          'Refused for what they send',
          'reqps',
          { '{{status}}': rate('mainstay_http_requests_total{status=~"400|404|405|409|413|415|422|429"}', ['status']) },
          'Many at once look like probing.',
          ['high-error-rate'],
        ),
        graph(
          'Submissions shed',
          'ops',
          { '{{code}}': rate('mainstay_submissions_shed_total', ['code']) },
          'Refused for their priority while resources are short.',
          ['emergency'],
        ),
        graph(
          'Messages refused',
          'ops',
          { '{{reason}}': rate('mainstay_messages_refused_total', ['reason']) },
          'Forged, broken or of an unknown version.',
          ['messages-refused'],
        ),
        graph(
          'Work that ignores its end',
          'ops',
          { '{{operation}}': rate('mainstay_stray_work_total', ['operation']) },
          'Calls that go on for a second or longer after they were given up.',
          ['health-low'],
        ),
        graph('Emergencies', 'ops', { '{{trigger}}': rate('mainstay_emergencies_total', ['trigger']) }, 'By what set them off.', [
          'emergency',
        ]),
      ],
    },
  ],
};
