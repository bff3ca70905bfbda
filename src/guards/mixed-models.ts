import type { Drawn } from '../judge/judged-answer.js';
import type { Arm, Model } from '../models/model.js';
import { inertWords } from '../models/served/failures/error-body.js';
import type { GuardFinding } from '../verdict/verdict.js';

const ARMS = ['candidate', 'baseline'] as const;
/** Enough to tell that there are others; memory must not grow with the answers. */
const MAX_NAMES = 5;

/**
 * The guard `other-model`: a router that falls back to another model while the candidate's server is away lets that one answer
 * in its place, and a harmless stranger would help the candidate pass. The server says in each reply who has answered.
 */
export class OtherModels {
  readonly #names: Record<Arm, Set<string>> = { candidate: new Set(), baseline: new Set() };

  /** @param models after the preflight: they know the names that answered then */
  constructor(models?: Readonly<Record<Arm, Pick<Model, 'identity'>>>) {
    for (const arm of ARMS) this.#keep(arm, models?.[arm].identity.served ?? null);
  }

  add({ arm, answer }: Pick<Drawn, 'arm' | 'answer'>): void {
    this.#keep(arm, answer?.servedModel ?? null);
  }

  get finding(): GuardFinding {
    const mixed = ARMS.filter((arm) => this.#names[arm].size > 1);
    const found = mixed.map(
      (arm) =>
        `${arm}: ${[...this.#names[arm]]
          .sort()
          .map((name) => `"${inertWords(name)}"`)
          .join(', ')}`,
    );
    const message =
      mixed.length === 0
        ? 'Each model answered under one name, as far as its server says.'
        : `Answers came under several names (${found.join('; ')}): a router fell back to another model, or the model was changed in mid-run, and what was measured is a mixture.`;
    return { code: 'other-model', effect: 'no-pass', tripped: mixed.length > 0, message };
  }
  #keep(arm: Arm, name: string | null): void {
    if (name !== null && this.#names[arm].size < MAX_NAMES) this.#names[arm].add(name);
  }
}
