import type { YamlValue } from '../yaml.ts';

/** A way to reach people or programs. `second-line` ones are told of what lasts. */
export type Channel = 'pagerduty' | 'pagerduty-second-line' | 'opsgenie' | 'slack' | 'email' | 'email-second-line' | 'webhook';

/** Where secrets are: one file each, readable for Alertmanager alone. No secret is ever in the configuration itself. */
export const SECRETS = '/etc/mainstay/alerting';

const secret = (name: string): string => `${SECRETS}/${name}`;
const both = { send_resolved: true };
const TITLE = '{{ template "mainstay.title" . }}';
const TEXT = '{{ template "mainstay.text" . }}';
/** PagerDuty's own names of the severities. */
const PAGERDUTY_SEVERITY = '{{ if .CommonLabels.severity }}{{ .CommonLabels.severity }}{{ else }}error{{ end }}';
const PRIORITY = '{{ if eq .CommonLabels.severity "critical" }}P1{{ else if eq .CommonLabels.severity "error" }}P2{{ else }}P4{{ end }}';

function pagerduty(keyFile: string): YamlValue {
  return {
    ...both,
    routing_key_file: secret(keyFile),
    severity: PAGERDUTY_SEVERITY,
    description: TITLE,
    details: { text: TEXT, runbook: '{{ .CommonAnnotations.runbook }}' },
  };
}

function email(to: string): YamlValue {
  return { ...both, to, headers: { Subject: TITLE }, text: TEXT, html: '' };
}

/** Key of a receiver's section, and what stands in it. Addresses are examples: an installation puts its own. */
export const CHANNELS: Readonly<Record<Channel, readonly [section: string, config: YamlValue]>> = {
  pagerduty: ['pagerduty_configs', pagerduty('pagerduty.key')],
  'pagerduty-second-line': ['pagerduty_configs', pagerduty('pagerduty-second-line.key')],
  opsgenie: [
    'opsgenie_configs',
    { ...both, api_key_file: secret('opsgenie.key'), message: TITLE, description: TEXT, priority: PRIORITY, source: 'mainstay' },
  ],
  slack: ['slack_configs', { ...both, api_url_file: secret('slack.url'), channel: '#mainstay-alerts', title: TITLE, text: TEXT }],
  email: ['email_configs', email('mainstay-operators@example.com')],
  'email-second-line': ['email_configs', email('mainstay-second-line@example.com')],
  webhook: [
    'webhook_configs',
    {
      ...both,
      url: 'https://alerts.example.com/mainstay',
      max_alerts: 100,
      http_config: { authorization: { type: 'Bearer', credentials_file: secret('webhook.token') } },
    },
  ],
};
