import { isUuid, type JsonObject, type SerializedError } from '@mainstay/types';
import type { RunStatus } from '../../pipeline/model.ts';
import { cursorKey, pageLimit, toPage } from '../page.ts';
import type { DeadLetterFilter, DeadLetterRow, DeadLetterStatus, DecisionRow, PageRequest, RunSummary, Store } from '../store.ts';
import { recordParameters } from './audit-methods.ts';
import type { Calm } from './calm.ts';
import type { Database } from './database.ts';
import type { DeadLetter, Decision, Prisma } from './generated/client.ts';
import { decodeJson, decodeParsed, decodeText, encodeText } from './json.ts';
import { isStorable } from './run-methods.ts';
import { discardDeadLetter } from './sql/audit.ts';

type ReadMethods = Pick<Store, 'runs' | 'decision' | 'decisions' | 'deadLetter' | 'deadLetters' | 'discardDeadLetter'>;

/** What a withdrawn decision's row is kept for is the people who read the database: nobody can answer it any more. */
const VISIBLE = ['open', 'answered'];

const summaryColumns = {
  ...{ id: true, pipeline: true, version: true, status: true, priority: true, error: true },
  ...{ createdAt: true, startedAt: true, finishedAt: true },
} satisfies Prisma.RunSelect;

/** Listings for users, newest first, each of one tenant. */
export function readMethods(calm: Calm, database: Database): ReadMethods {
  return {
    runs: async (tenant, { status, pipeline }, page) => {
      if (!isStorable(tenant + (pipeline ?? ''))) return { items: [] };
      const where = { tenant, ...(status && { status }), ...(pipeline !== undefined && { pipeline }), ...older(page) };
      const rows = await calm.run('runs', ({ run }) => run.findMany({ where, ...newest(page), select: summaryColumns }));
      return toPage(rows.map(toSummary), pageLimit(page), ({ id }) => id);
    },
    decision: async (tenant, id) => {
      if (!isUuid(id) || !isStorable(tenant)) return undefined;
      const where = { tenant, id, status: { in: VISIBLE } };
      const row = await calm.run('decision', ({ decision }) => decision.findFirst({ where }));
      return row === null ? undefined : toDecision(row);
    },
    decisions: async (tenant, { status, run }, page) => {
      if (!isStorable(tenant) || (run !== undefined && !isUuid(run))) return { items: [] };
      const where = { tenant, status: status ?? { in: VISIBLE }, ...(run !== undefined && { runId: run }), ...older(page) };
      const rows = await calm.run('decisions', ({ decision }) => decision.findMany({ where, ...newest(page) }));
      return toPage(rows.map(toDecision), pageLimit(page), ({ id }) => id);
    },
    deadLetter: async (tenant, id) => {
      if (!isUuid(id) || !isStorable(tenant)) return undefined;
      const row = await calm.run('dead-letter', ({ deadLetter }) => deadLetter.findFirst({ where: { tenant, id } }));
      return row === null ? undefined : toDeadLetter(row);
    },
    deadLetters: async (tenant, page, filter = {}) => {
      if (!isStorable(tenant + Object.values(filter).join('')) || (filter.run !== undefined && !isUuid(filter.run))) return { items: [] };
      const where = { tenant, ...meant(filter), ...older(page) };
      const rows = await calm.run('dead-letters', ({ deadLetter }) => deadLetter.findMany({ where, ...newest(page) }));
      return toPage(rows.map(toDeadLetter), pageLimit(page), ({ id }) => id);
    },
    discardDeadLetter: async (tenant, id, by, reason, records) => {
      if (!isUuid(id) || !isStorable(tenant)) return false;
      const parameters = [tenant, id, encodeText(by), encodeText(reason), ...recordParameters(records)];
      return (await database.query<{ n: number }>(discardDeadLetter, parameters))[0]?.n === 1;
    },
  };
}

const STATUS = {
  waiting: { redrivenAt: null, discardedAt: null },
  redriven: { redrivenAt: { not: null } },
  discarded: { redrivenAt: null, discardedAt: { not: null } },
} as const satisfies Readonly<Record<DeadLetterStatus, Prisma.DeadLetterWhereInput>>;

function meant({ status, run, pipeline, stage, agent, code }: DeadLetterFilter): Prisma.DeadLetterWhereInput {
  return {
    ...(status && STATUS[status]),
    ...(run !== undefined && { runId: run }),
    ...(pipeline !== undefined && { pipeline }),
    ...(stage !== undefined && { stage }),
    ...(agent !== undefined && { agent }),
    ...(code !== undefined && { error: { path: ['code'], equals: code } }),
  };
}

/** Ids sort by time of creation. */
function older(page: PageRequest): { readonly id?: { readonly lt: string } } {
  const before = cursorKey(page, isUuid);
  return before === undefined ? {} : { id: { lt: before } };
}

/** One row more than the page, which tells whether there is another page. */
function newest(page: PageRequest): { readonly orderBy: { readonly id: 'desc' }; readonly take: number } {
  return { orderBy: { id: 'desc' }, take: pageLimit(page) + 1 };
}

type SummaryRow = Prisma.RunGetPayload<{ select: typeof summaryColumns }>;

function toSummary({ id, pipeline, version, status, priority, error, createdAt, startedAt, finishedAt }: SummaryRow): RunSummary {
  return {
    ...{ id, pipeline, version, status: status as RunStatus, priority, createdAt: createdAt.getTime() },
    ...(error !== null && { error: decodeJson(error) as unknown as SerializedError }),
    ...(startedAt && { startedAt: startedAt.getTime() }),
    ...(finishedAt && { finishedAt: finishedAt.getTime() }),
  };
}

function toDecision(row: Decision): DecisionRow {
  return {
    ...{ id: row.id, run: row.runId, stage: row.stage, openedAt: row.openedAt.getTime() },
    kind: row.kind as DecisionRow['kind'],
    status: row.status as DecisionRow['status'],
    question: decodeParsed(row.question) as JsonObject,
    ...(row.expiresAt && { expiresAt: row.expiresAt.getTime() }),
    ...(row.status === 'answered' && { answer: decodeParsed(row.answer) }),
    ...(row.comment !== null && { comment: decodeText(row.comment) }),
    ...(row.answeredBy !== null && { by: decodeText(row.answeredBy) }),
    ...(row.answeredAt && { answeredAt: row.answeredAt.getTime() }),
  };
}

function toDeadLetter(row: DeadLetter): DeadLetterRow {
  const { id, runId, pipeline, stage, agent, attempt, losses, input, error, at, redrivenAt } = row;
  return {
    ...{ id, run: runId, pipeline, stage, agent, attempt, losses, at: at.getTime() },
    input: decodeParsed(input),
    error: decodeParsed(error) as unknown as SerializedError,
    ...(redrivenAt && { redrivenAt: redrivenAt.getTime() }),
    ...(row.discardedAt && { discardedAt: row.discardedAt.getTime() }),
    ...(row.discardedBy !== null && { discardedBy: decodeText(row.discardedBy) }),
    ...(row.discardReason !== null && { discardReason: decodeText(row.discardReason) }),
  };
}
