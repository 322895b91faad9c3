import { apiAlerts } from './alerts/api-alerts.ts';
import { dependencyAlerts } from './alerts/dependency-alerts.ts';
import { escalationAlerts } from './alerts/escalation-alerts.ts';
import { workAlerts } from './alerts/work-alerts.ts';
import { capacityRecords } from './capacity/capacity-rules.ts';
import { type AlertRule, isAlert, type RuleGroup } from './rule.ts';
import { burnAlerts, burnRecords } from './slo/burn-rules.ts';

/** Every rule, by the file that it stands in. */
export const ruleFiles: Readonly<Record<string, readonly RuleGroup[]>> = {
  'mainstay-alerts.yml': [
    { name: 'mainstay-api-and-processes', rules: apiAlerts },
    { name: 'mainstay-work', rules: workAlerts },
    { name: 'mainstay-dependencies', rules: dependencyAlerts },
    { name: 'mainstay-capacity', rules: capacityRecords },
    { name: 'mainstay-escalation', rules: escalationAlerts },
  ],
  'mainstay-slo.yml': [
    { name: 'mainstay-slo-records', rules: burnRecords },
    { name: 'mainstay-slo-alerts', rules: burnAlerts },
  ],
};

export const allGroups: readonly RuleGroup[] = Object.values(ruleFiles).flat();

export const allAlerts: readonly AlertRule[] = allGroups.flatMap(({ rules }) => rules.filter(isAlert));
