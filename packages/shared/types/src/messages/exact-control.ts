import {
  type AgentOffer,
  type AttemptRef,
  type ControlMessage,
  type EmergencyNotice,
  type Heartbeat,
  type LevelNotice,
  levelNoticeSchema,
  type ProcessAsk,
  type ReplyPart,
  type WorkerEmergency,
} from './control-message.ts';
import { type Fields, hasFields, isAbsentOr, isCount, isListOf, isName, isObject, isPositive, isText, present } from './fields.ts';

const HEARTBEAT_FIELDS = 12;

type Hello = Extract<ControlMessage, { type: 'hello' }>;

interface Others {
  readonly name: unknown;
  readonly attempts: unknown;
  readonly reason: unknown;
  readonly runs: unknown;
  readonly watches: unknown;
  readonly aside: unknown;
}

/** True for what the schema of control messages accepts and gives back as it is. */
export function isExactControl(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: Fields<Omit<Heartbeat, 'type'> & Others> & { readonly type?: unknown } = raw;
  switch (m.type) {
    case 'heartbeat':
      return isExactHeartbeat(raw);
    case 'hello':
      return isExactHello(raw);
    case 'orchestrator':
      return (
        isName(m.name) &&
        typeof m.draining === 'boolean' &&
        isAbsentOr(m.aside, (aside) => typeof aside === 'boolean') &&
        isPositive(m.startedAt) &&
        isAbsentOr(m.watches, (watches) => isListOf(watches, 0, 100, isName)) &&
        hasFields(raw, 5 + present(m.aside) + present(m.watches))
      );
    case 'cancel':
      return (
        isListOf(m.attempts, 1, 10_000, isExactAttempt) &&
        (m.reason === 'cancelled' || m.reason === 'lease-lost' || m.reason === 'deadline') &&
        hasFields(raw, 4)
      );
    case 'events':
      return isListOf(m.runs, 0, 10_000, isExactRun) && hasFields(raw, 3);
    default:
      return false;
  }
}

function isExactHello(raw: object): boolean {
  const m: Fields<Hello> = raw;
  const optional = [m.emergency, m.level, m.ask, m.reply];
  return (
    isName(m.from) &&
    isAbsentOr(m.emergency, isExactEmergency) &&
    isAbsentOr(m.level, isExactLevel) &&
    isAbsentOr(m.ask, isExactAsk) &&
    isAbsentOr(m.reply, isExactReply) &&
    hasFields(raw, 3 + optional.filter((value) => value !== undefined).length)
  );
}

const LEVELS: ReadonlySet<unknown> = new Set(levelNoticeSchema.shape.level.options);

function isExactLevel(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: Fields<LevelNotice> = raw;
  return (
    isName(m.id) && LEVELS.has(m.level) && isAbsentOr(m.forMs, isPositive) && isText(m.by, 0, 200) && hasFields(raw, 3 + present(m.forMs))
  );
}

function isExactAsk(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: Fields<ProcessAsk> = raw;
  return isName(m.id) && isText(m.what, 1, 64) && isObject(m.params) && hasFields(raw, 3);
}

function isExactReply(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: Fields<ReplyPart> = raw;
  return (
    isName(m.id) &&
    isCount(m.part) &&
    isCount(m.parts) &&
    isText(m.data, 0, 1_048_576) &&
    isAbsentOr(m.error, isExactReplyError) &&
    hasFields(raw, 4 + present(m.error))
  );
}

function isExactReplyError(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: Fields<NonNullable<ReplyPart['error']>> = raw;
  return isText(m.code, 1, 64) && isText(m.message, 0, 2_000) && isObject(m.details) && hasFields(raw, 3);
}

function isExactHeartbeat(raw: object): boolean {
  const m: Fields<Heartbeat> = raw;
  return (
    isName(m.worker) &&
    isText(m.host, 0, 255) &&
    isPositive(m.pid) &&
    isText(m.version, 0, 64) &&
    isPositive(m.startedAt) &&
    isPositive(m.capacity) &&
    isListOf(m.running, 0, 10_000, isExactAttempt) &&
    typeof m.draining === 'boolean' &&
    isCount(m.rssBytes) &&
    isListOf(m.kinds, 0, 1_000, isName) &&
    isAbsentOr(m.offers, (offers) => isListOf(offers, 0, 1_000, isExactOffer)) &&
    isAbsentOr(m.emergencies, (emergencies) => isListOf(emergencies, 0, 20, isExactWorkerEmergency)) &&
    hasFields(raw, HEARTBEAT_FIELDS + present(m.offers) + present(m.emergencies))
  );
}

function isExactWorkerEmergency(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: Fields<WorkerEmergency> = raw;
  return (
    isPositive(m.at) &&
    (m.change === 'entered' || m.change === 'left') &&
    isListOf(m.triggers, 0, 20, (trigger) => isText(trigger, 1, 64)) &&
    isAbsentOr(m.reason, (reason) => isText(reason, 0, 1_000)) &&
    isAbsentOr(m.by, (by) => isText(by, 0, 200)) &&
    hasFields(raw, 3 + present(m.reason) + present(m.by))
  );
}

function isExactEmergency(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: Fields<EmergencyNotice> = raw;
  return (
    isName(m.process) &&
    typeof m.active === 'boolean' &&
    isText(m.reason, 0, 1_000) &&
    isText(m.by, 0, 200) &&
    isPositive(m.ttlMs) &&
    hasFields(raw, 5)
  );
}

function isExactAttempt(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: Fields<AttemptRef> = raw;
  return isName(m.run) && isName(m.task) && isPositive(m.fence) && hasFields(raw, 3);
}

function isExactOffer(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: Fields<AgentOffer> = raw;
  return (
    isName(m.kind) &&
    isAbsentOr(m.version, (version) => isText(version, 0, 64)) &&
    isAbsentOr(m.description, (description) => isText(description, 0, 1_000)) &&
    isObject(m.input) &&
    isObject(m.output) &&
    hasFields(raw, 3 + present(m.version) + present(m.description))
  );
}

function isExactRun(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: { readonly run?: unknown; readonly tenant?: unknown; readonly last?: unknown; readonly ended?: unknown } = raw;
  return isName(m.run) && isName(m.tenant) && isCount(m.last) && isAbsentOr(m.ended, isExactEnd) && hasFields(raw, 3 + present(m.ended));
}

function isExactEnd(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: { readonly status?: unknown; readonly at?: unknown } = raw;
  return (m.status === 'succeeded' || m.status === 'failed' || m.status === 'cancelled') && isPositive(m.at) && hasFields(raw, 2);
}
