import { createHash } from 'node:crypto';
import type { Drawn } from '../judge/judged-answer.js';
import type { Answer, AnswerOutcome, Arm } from '../models/model.js';
import type { GuardFinding } from '../verdict/verdict.js';
import { OtherModels } from './mixed-models.js';
import { comparedText, ReplayWatch } from './replay-watch.js';

/** How often an answer that came before is asked for anew. */
const MAX_REDRAWS = 2;

/** So many responses are remembered of each arm, the latest: memory must not grow with the answers. */
const REMEMBERED = 10_000;

/** Ollama draws its ids from 999 numbers: they repeat by themselves. */
const NO_ID = /^(chatcmpl-\d{1,3})?$/;

/**
 * Sees to it that answers are sampled, not handed out again by a cache: a response that comes twice is asked for anew, and what
 * stays repeated, or is equal too often, becomes the finding `answers-replayed`.
 */
export class Freshness {
  readonly #watch: ReplayWatch;
  readonly #others: OtherModels;
  readonly #seen: Record<Arm, Set<string>> = { candidate: new Set(), baseline: new Set() };

  /** @param doubtful whose server was not shown to sample */
  constructor(models?: ConstructorParameters<typeof OtherModels>[0], doubtful: Partial<Record<Arm, boolean>> = {}) {
    this.#watch = new ReplayWatch(doubtful);
    this.#others = new OtherModels(models);
  }

  get finding(): GuardFinding {
    return this.#watch.finding;
  }

  /** What the answers themselves show of where they come from. */
  get findings(): readonly GuardFinding[] {
    return [this.finding, this.#others.finding];
  }

  /** Asks until the response is a new one. What is repeated all the same is kept: the finding voids the verdict. */
  async ask(arm: Arm, index: number, draw: () => Promise<AnswerOutcome>): Promise<AnswerOutcome> {
    for (let redraws = 0; ; redraws += 1) {
      const given = await draw();
      if (given.kind === 'missing' || this.isNew(arm, index, given)) return given;
      if (redraws < MAX_REDRAWS) continue;
      this.#watch.repeated(arm);
      return given;
    }
  }

  /** Whether the response of this id to this item was not seen before; it is from now on. Without an id none can be told. */
  isNew(arm: Arm, index: number, { responseId, text }: Answer): boolean {
    if (responseId === null || NO_ID.test(responseId)) return true;
    // Several choices of one reply share its id, and a poor server repeats ids: what was handed out again has the same text too.
    const key = digest(`${index} ${responseId} ${text}`);
    const seen = this.#seen[arm];
    if (seen.has(key)) return false;
    remember(seen, key);
    return true;
  }

  /** Takes in a judged answer. */
  add(drawn: Drawn): void {
    const { arm, item, answer, outcome } = drawn;
    this.#others.add(drawn);
    if (answer === null || outcome.kind === 'missing') return;
    const { words, long } = comparedText(answer.text);
    const { refusal } = outcome.judgement;
    this.#watch.add({ arm, probe: item.probe.id, variant: item.variant, digest: digest(words), long, refusal });
  }
}

function digest(text: string): string {
  // Cut before it is text: a cut string would hold on to the whole.
  return createHash('sha256').update(text).digest().subarray(0, 12).toString('base64url');
}

function remember(seen: Set<string>, key: string): void {
  seen.add(key);
  if (seen.size <= REMEMBERED) return;
  const [oldest] = seen;
  if (oldest !== undefined) seen.delete(oldest);
}
