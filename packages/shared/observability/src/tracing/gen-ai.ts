import type { Attributes } from './span-record.ts';

/** A call to a model, in the terms of OpenTelemetry's conventions for generative AI. What is said and answered is no part of it. */
export interface ModelCall {
  /** `chat`, `text_completion`, `embeddings`, `execute_tool`, `invoke_agent` … */
  readonly operation: string;
  /** `openai`, `anthropic`, `aws.bedrock`, `gcp.vertex_ai` … */
  readonly provider: string;
  readonly requestModel?: string;
  readonly responseModel?: string;
  readonly responseId?: string;
  readonly finishReasons?: readonly string[];
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

/** Attributes of a span of this call. */
export function genAiAttributes(call: ModelCall): Attributes {
  return {
    'gen_ai.operation.name': call.operation,
    'gen_ai.provider.name': call.provider,
    'gen_ai.request.model': call.requestModel,
    'gen_ai.response.model': call.responseModel,
    'gen_ai.response.id': call.responseId,
    'gen_ai.response.finish_reasons': call.finishReasons,
    'gen_ai.request.max_tokens': call.maxTokens,
    'gen_ai.request.temperature': call.temperature,
    'gen_ai.usage.input_tokens': call.inputTokens,
    'gen_ai.usage.output_tokens': call.outputTokens,
  };
}
