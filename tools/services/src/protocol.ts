import { jsonObjectSchema } from '@mainstay/types';
import { z } from 'zod';

/** First and only line from client to supervisor. */
export const helloSchema = z.object({ postgres: z.boolean(), redis: z.boolean(), toolsDir: z.string().min(1) });
export type Hello = z.infer<typeof helloSchema>;

/** Lines from supervisor to client: any number of `progress`, then `ready` or `error`. */
export const replySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), line: z.string() }),
  z.object({
    type: z.literal('ready'),
    databaseUrl: z.string().optional(),
    redisUrl: z.string().optional(),
    redisOrigin: z.string().optional(),
  }),
  z.object({ type: z.literal('error'), message: z.string(), details: jsonObjectSchema }),
]);
export type Reply = z.infer<typeof replySchema>;
export type Ready = Extract<Reply, { type: 'ready' }>;

/** Cuts a stream of text into lines; a line may not exceed 64 KiB. */
export function lineReader(onLine: (line: string) => void): (chunk: Buffer) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = (lines.pop() ?? '').slice(0, 65_536);
    for (const line of lines) onLine(line);
  };
}
