import { createHash } from 'node:crypto';
import { ConfigError } from '../../core/errors.js';

/** What tells a recorded answer from others. */
interface Told {
  readonly line: number;
  readonly arm: string | null;
  readonly questionId: string;
  readonly question: string;
  readonly variant: string;
  readonly sample: string | null;
  readonly answer: string;
  readonly missing: string | null;
  /** Other tools' columns. */
  readonly row: Readonly<Record<string, unknown>>;
}

/**
 * Whether a file holds one answer twice, as one has it that was written twice or joined with itself. Only a row that says
 * which sample it is can tell: two samples with the same text are two answers. A row that differs in a column of another
 * tool's (`persona`, `run`) is another answer too.
 */
export class TwiceGuard {
  readonly #lines = new Map<string, number>();

  constructor(private readonly sourceName: string) {}

  /** @throws ConfigError naming both lines */
  check({ line, arm, questionId, question, variant, sample, answer, missing, row }: Told): void {
    // What is missing has no text to be told by.
    if (sample === null || missing !== null) return;
    const place = JSON.stringify([arm, questionId, question, variant, sample, answer, row]);
    const key = createHash('sha256').update(place).digest('base64');
    const first = this.#lines.get(key);
    if (first === undefined) {
      this.#lines.set(key, line);
      return;
    }
    throw new ConfigError(
      'recording.row',
      `${this.sourceName} line ${line}: the same answer as on line ${first} (question ${JSON.stringify(questionId.slice(0, 80))}, sample ${sample.slice(0, 40)}): is the file joined with itself? An answer counts once`,
    );
  }
}
