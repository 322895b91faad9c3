import { redact, redactText } from '@mainstay/observability';
import {
  AgentError,
  type JsonObject,
  type JsonValue,
  MainstayError,
  MAX_MESSAGE_LENGTH,
  MAX_STACK_LENGTH,
  type Outcome,
  type SerializedError,
  serializeError,
  toMainstayError,
} from '@mainstay/types';
import { type JsonCopy, jsonCopy } from '../json-copy.ts';
import { schemaIssues } from '../schema-issues.ts';
import type { BaseAgent } from '../base-agent.ts';
import type { Stop } from './stop.ts';

/** How `run` ended; undefined where it has not. */
export type Settled = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly thrown: unknown } | undefined;

export interface OutcomeQuestion {
  readonly agent: BaseAgent;
  readonly stop: Stop | undefined;
  readonly settled: Settled;
  readonly maxOutputBytes: number;
  /** Time that an unsettled attempt was given after its signal aborted. */
  readonly abortGraceMs: number;
}

/** Room for the details of an error. */
const MAX_DETAILS_BYTES = 64 * 1024;

/** What is told about an attempt that ended. Undefined: nothing, because another attempt has the task. */
export function decideOutcome(question: OutcomeQuestion): Outcome | undefined {
  const { stop, settled } = question;
  switch (stop?.kind) {
    case 'lost':
      return undefined;
    case 'cancelled':
      return { status: 'cancelled' };
    case 'asked':
      return { status: 'asked', question: stop.question };
    case 'suspended':
      return stop.keepsOutput && settled?.ok === true ? returned(question, settled.value) : { status: 'suspended' };
    case 'timeout':
      return settled === undefined ? failed(unresponsive(question, stop.error)) : failed(stop.error);
    case undefined:
      if (settled === undefined) return failed(unresponsive(question, undefined));
      return settled.ok ? returned(question, settled.value) : failed(settled.thrown);
  }
}

/**
 * The outcome of an attempt that threw. Errors carry what was being said when they happened, so what is known by its name or form to be
 * secret stays here: error texts end up in events, dead letters, groups of errors and answers.
 */
export function failed(thrown: unknown): Outcome {
  const error = withoutSecrets(serializeError(toMainstayError(thrown, 'AGENT_FAILED'), { stack: true }));
  if (error.details === undefined) return { status: 'failed', error };
  const details = jsonCopy(error.details, MAX_DETAILS_BYTES);
  return {
    status: 'failed',
    error: { ...error, details: details.ok ? asObject(redact(details.value) as JsonValue) : { omitted: details.problem } },
  };
}

function withoutSecrets({ message, stack, cause, ...error }: SerializedError): SerializedError {
  return {
    ...error,
    message: redactText(message).slice(0, MAX_MESSAGE_LENGTH),
    ...(stack === undefined ? {} : { stack: redactText(stack).slice(0, MAX_STACK_LENGTH) }),
    ...(cause === undefined
      ? {}
      : { cause: withoutSecrets({ ...cause, ...(cause.details === undefined ? {} : { details: redact(cause.details) as JsonObject }) }) }),
  };
}

function asObject(value: JsonValue): { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: JsonValue })
    : { value };
}

function returned({ agent, maxOutputBytes }: OutcomeQuestion, value: unknown): Outcome {
  try {
    const parsed = agent.output.safeParse(value);
    if (!parsed.success) {
      const { details, summary } = schemaIssues(parsed.error);
      const message = `The output of agent ${agent.kind} does not satisfy its schema: ${summary}`;
      return failed(new AgentError('AGENT_OUTPUT_INVALID', message, { details: { agent: agent.kind, ...details } }));
    }
    const copy = jsonCopy(parsed.data ?? null, maxOutputBytes);
    return copy.ok ? { status: 'succeeded', output: copy.value } : failed(notJson(agent.kind, copy, maxOutputBytes));
  } catch (cause) {
    if (cause instanceof MainstayError) return failed(cause);
    return failed(new AgentError('AGENT_OUTPUT_INVALID', `The output of agent ${agent.kind} could not be checked`, { cause }));
  }
}

function notJson(agent: string, copy: Extract<JsonCopy, { ok: false }>, maxOutputBytes: number): AgentError {
  if (copy.reason === 'too-large') {
    const message = `The output of agent ${agent} is too large: ${copy.problem} (MAINSTAY_MAX_OUTPUT_BYTES)`;
    return new AgentError('AGENT_OUTPUT_TOO_LARGE', message, { details: { agent, maxOutputBytes } });
  }
  const message = `The output of agent ${agent} is not JSON: at ${copy.path}, ${copy.problem}`;
  return new AgentError('AGENT_OUTPUT_INVALID', message, { details: { agent, issues: [{ path: copy.path, problem: copy.problem }] } });
}

function unresponsive({ agent, abortGraceMs }: OutcomeQuestion, cause: unknown): AgentError {
  const message = `Agent ${agent.kind} had not stopped ${abortGraceMs} ms after it was told to`;
  return new AgentError('AGENT_UNRESPONSIVE', message, { cause, details: { agent: agent.kind, abortGraceMs } });
}
