import type { LlamaEngine } from '../../src/models/embedded/llama-engine.js';
import type { AnsweredReply } from '../../src/models/embedded/protocol.js';

/** Every engine draws as many answers as it can at a time. @returns tokens a second of all together */
export async function together(
  engines: readonly LlamaEngine[],
  ask: (engine: LlamaEngine) => Promise<AnsweredReply>,
): Promise<number> {
  const start = performance.now();
  const replies = await Promise.all(
    engines.flatMap((engine) => Array.from({ length: engine.answersAtOnce }, () => ask(engine))),
  );
  const tokens = replies.reduce((sum, { completionTokens }) => sum + completionTokens, 0);
  return (tokens * 1000) / (performance.now() - start);
}
