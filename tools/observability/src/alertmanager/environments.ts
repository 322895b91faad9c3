import type { Severity } from '../rule.ts';
import type { Channel } from './channels.ts';
import type { Window } from './maintenance.ts';

/** Who is told of an alert, and how often. */
export interface Reaction {
  readonly channels: readonly Channel[];
  /** Waits for further alerts of the group before the first message. */
  readonly groupWait: string;
  /** Least time between two messages about the same group that changed. */
  readonly groupInterval: string;
  /** An alert that goes on is told again after that. */
  readonly repeat: string;
  /** In these windows nobody is told; the alert is shown all the same, and told afterwards if it goes on. */
  readonly mutedIn?: readonly Window['name'][];
}

/** How one kind of installation alerts. */
export interface Environment {
  readonly name: 'staging' | 'production' | 'enterprise';
  readonly reactions: Readonly<Record<Severity, Reaction>>;
  /** Told of what lasts although somebody was told: the next step of the escalation. */
  readonly escalation: Reaction;
  /** Gets the heartbeat that must never stop. */
  readonly watchdog: readonly Channel[];
  readonly sendsMail: boolean;
}

const AT_ONCE = { groupWait: '10s', groupInterval: '1m' } as const;
const SOON = { groupWait: '30s', groupInterval: '5m' } as const;
const LATER = { groupWait: '5m', groupInterval: '30m' } as const;

export const environments: readonly Environment[] = [
  {
    name: 'staging',
    reactions: {
      critical: { ...SOON, channels: ['slack'], repeat: '12h', mutedIn: ['maintenance', 'out-of-hours'] },
      error: { ...SOON, channels: ['slack'], repeat: '1d', mutedIn: ['maintenance', 'out-of-hours'] },
      warning: { ...LATER, channels: ['slack'], repeat: '3d', mutedIn: ['maintenance', 'out-of-hours'] },
      info: { ...LATER, channels: [], repeat: '7d' },
    },
    escalation: { ...SOON, channels: ['slack'], repeat: '1d', mutedIn: ['maintenance', 'out-of-hours'] },
    watchdog: [],
    sendsMail: false,
  },
  {
    name: 'production',
    reactions: {
      critical: { ...AT_ONCE, channels: ['pagerduty', 'slack', 'webhook'], repeat: '30m' },
      error: { ...SOON, channels: ['pagerduty', 'slack', 'webhook'], repeat: '4h', mutedIn: ['maintenance'] },
      warning: { ...LATER, channels: ['slack', 'webhook'], repeat: '1d', mutedIn: ['maintenance'] },
      info: { ...LATER, channels: ['webhook'], repeat: '7d', mutedIn: ['maintenance'] },
    },
    escalation: { ...AT_ONCE, channels: ['pagerduty-second-line', 'slack'], repeat: '30m' },
    watchdog: ['webhook'],
    sendsMail: false,
  },
  {
    name: 'enterprise',
    reactions: {
      critical: { ...AT_ONCE, channels: ['pagerduty', 'opsgenie', 'slack', 'email', 'webhook'], repeat: '15m' },
      error: { ...SOON, channels: ['opsgenie', 'slack', 'webhook'], repeat: '2h', mutedIn: ['maintenance'] },
      warning: { ...LATER, channels: ['slack', 'email', 'webhook'], repeat: '1d', mutedIn: ['maintenance'] },
      info: { ...LATER, channels: ['email', 'webhook'], repeat: '7d', mutedIn: ['maintenance'] },
    },
    escalation: { ...AT_ONCE, channels: ['pagerduty-second-line', 'opsgenie', 'email-second-line'], repeat: '15m' },
    watchdog: ['webhook'],
    sendsMail: true,
  },
];
