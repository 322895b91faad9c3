import { scaledDuration } from '../duration.ts';
import { SEVERITIES } from '../rule.ts';
import type { YamlValue } from '../yaml.ts';
import { inhibitRules } from './causes.ts';
import { type Channel, CHANNELS, SECRETS } from './channels.ts';
import type { Environment, Reaction } from './environments.ts';
import { timeIntervals } from './maintenance.ts';

export interface AlertmanagerOptions {
  /** All waits are multiplied by it. Default 1. */
  readonly factor?: number;
  /** Every message goes to this address instead of the channels, and to nobody else. */
  readonly webhookUrl?: string;
  /** Nobody is told; alerts are shown all the same. */
  readonly silent?: boolean;
  /** Path of the templates. Default: beside the file. */
  readonly templates?: string;
}

/** Nobody is told. */
const NOBODY = 'nobody';

/** The configuration of Alertmanager for one environment. */
export function alertmanagerFile(environment: Environment, options: AlertmanagerOptions = {}): YamlValue {
  const { reactions, escalation, watchdog, sendsMail } = environment;
  const receivers: readonly (readonly [string, readonly Channel[]])[] = [
    [NOBODY, []],
    ...SEVERITIES.map((severity) => [severity, reactions[severity].channels] as const),
    ['escalation', escalation.channels],
    ['watchdog', watchdog],
  ];
  return {
    ...(sendsMail && options.webhookUrl === undefined ? { global: mail() } : {}),
    templates: [options.templates ?? 'mainstay.tmpl'],
    route: rootRoute(environment, options),
    inhibit_rules: inhibitRules(),
    time_intervals: timeIntervals(),
    receivers: receivers.map(([name, channels]) => receiver(name, channels, options)),
  };
}

function mail(): YamlValue {
  return {
    smtp_smarthost: 'smtp.example.com:587',
    smtp_from: 'mainstay@example.com',
    smtp_auth_username: 'mainstay',
    smtp_auth_password_file: `${SECRETS}/smtp.password`,
    smtp_require_tls: true,
  };
}

/** What has no severity we know is told as an error: rules of others must not fall silent. */
function rootRoute({ reactions, escalation, watchdog }: Environment, { factor = 1 }: AlertmanagerOptions): YamlValue {
  const timing = ({ groupWait, groupInterval, repeat }: Reaction) => ({
    group_wait: scaledDuration(groupWait, factor),
    group_interval: scaledDuration(groupInterval, factor),
    repeat_interval: scaledDuration(repeat, factor),
  });
  const muted = ({ mutedIn = [] }: Reaction) => (mutedIn.length === 0 ? {} : { mute_time_intervals: mutedIn });
  const route = (receiverName: string, matchers: readonly string[], reaction: Reaction): YamlValue => ({
    receiver: receiverName,
    matchers,
    ...timing(reaction),
    ...muted(reaction),
  });
  const beat = scaledDuration('5m', factor);
  return {
    receiver: 'error',
    group_by: ['alertname', 'slo', 'agent', 'dependency'],
    ...timing(reactions.error),
    routes: [
      {
        receiver: watchdog.length === 0 ? NOBODY : 'watchdog',
        matchers: ['alertname="Watchdog"'],
        group_wait: '0s',
        group_interval: beat,
        repeat_interval: beat,
      },
      route('escalation', ['escalation="second-line"'], escalation),
      ...SEVERITIES.toReversed().map((severity) => {
        const reaction = reactions[severity];
        return route(reaction.channels.length === 0 ? NOBODY : severity, [`severity="${severity}"`], reaction);
      }),
    ],
  };
}

function receiver(name: string, channels: readonly Channel[], { webhookUrl, silent = false }: AlertmanagerOptions): YamlValue {
  if (silent) return { name };
  if (webhookUrl !== undefined) return { name, webhook_configs: [{ url: webhookUrl, send_resolved: true }] };
  const sections = Map.groupBy(
    channels.map((channel) => CHANNELS[channel]),
    ([section]) => section,
  );
  return { name, ...Object.fromEntries([...sections].map(([section, configs]) => [section, configs.map(([, config]) => config)])) };
}
