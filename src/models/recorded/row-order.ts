import { createHmac, hkdfSync } from 'node:crypto';
import type { Arm } from '../model.js';
import type { RecordedAnswer } from './answers.js';

/** A key to sort by: the same for the same row, wherever it stands. */
export type RowKey = (row: RecordedAnswer, arm: Arm) => string;

/**
 * The order of a question's rows where not all of them are read. Whoever writes the file chooses its order, and by throw-away
 * edits any plain hash of it: so it takes a secret that they don't have. HKDF (RFC 5869) keeps that apart from its other uses.
 */
export function recordingOrder(secret: string | Uint8Array): RowKey {
  const key = Buffer.from(hkdfSync('sha256', secret, 'misalignment-gate', 'order of recorded answers 1', 32));
  return (row, arm) => {
    const { questionId, variant, question, answer, missing, truncated, reasoning } = used(row);
    return createHmac('sha256', key)
      .update(JSON.stringify([arm, questionId, variant, question, answer, missing, truncated, reasoning]))
      .digest('base64');
  };
}

/** What a judge sees of a row, and what is counted of it. */
function used({ row, ...own }: RecordedAnswer) {
  return { ...own, reasoning: row.reasoning ?? null };
}
