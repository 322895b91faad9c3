import type { Principal } from '../auth/principal.ts';
import { requireOperator } from '../auth/principal.ts';
import { auditFacts } from '../audited.ts';
import { type Call, defineRoute } from '../route.ts';
import { emergencyBody, emergencyView } from '../schemas/emergency.ts';
import { viewEmergency } from '../views/emergency-view.ts';

const tag = 'Administration';
const path = '/api/v1/admin/emergency';
const replies = { 200: { description: 'The state of the orchestrator that answers', schema: emergencyView } };

export const emergencyRoutes = [
  defineRoute({
    id: 'getEmergency',
    method: 'get',
    path,
    tag,
    access: 'admin',
    summary: 'Whether this orchestrator is in an emergency, why, and what was done',
    description: 'For admins of the tenant `default`.',
    replies,
    handle: ({ principal, services }) => {
      allow(principal);
      return { status: 200, json: viewEmergency(services) };
    },
  }),
  defineRoute({
    id: 'setEmergency',
    method: 'post',
    path,
    tag,
    access: 'admin',
    summary: 'Begin or end an emergency in all processes',
    description:
      'For admins of the tenant `default`. While it lasts, runs of priority 0 and below are refused with 503 `EMERGENCY`, and workers take only tasks of runs of a priority above 0 and hand back those of low priority. One that was begun here ends only by a request. Answers when this orchestrator has done what is to be done, 30 s at most; the others hear of it at once.',
    body: emergencyBody,
    replies,
    handle: async (call) => {
      const { principal, services } = call;
      const { active = true, reason } = call.body;
      allow(principal);
      const { emergency } = services.hardening;
      await noted(call, active ? 'emergency.declared' : 'emergency.ended', reason);
      if (active) await emergency.enter(reason, principal.name);
      else await emergency.leave(reason, principal.name);
      return { status: 200, json: viewEmergency(services) };
    },
  }),
  defineRoute({
    id: 'endEmergency',
    method: 'delete',
    path,
    tag,
    access: 'admin',
    summary: 'End an emergency in all processes, whatever began it',
    description: 'For admins of the tenant `default`. It does not begin by itself again for a minute.',
    replies,
    handle: async (call) => {
      const { principal, services } = call;
      allow(principal);
      await noted(call, 'emergency.ended', 'ended by request');
      await services.hardening.emergency.leave('ended by request', principal.name);
      return { status: 200, json: viewEmergency(services) };
    },
  }),
];

/** Written before it happens; a database that is away holds it up for two seconds at most. */
async function noted(call: Call, action: 'emergency.declared' | 'emergency.ended', reason: string): Promise<void> {
  await call.services.audit.note(auditFacts(call, { action, target: 'all processes', details: { reason } }));
}

function allow(principal: Principal): void {
  requireOperator(principal, 'Emergency mode');
}
