import type { Arm } from '../models/model.js';
import { drawingPriority, JUDGING, type Lane, Lanes } from './lanes.js';
import type { Drawn } from './observe.js';
import type { Plan } from './plan.js';
import type { Spending } from './spending.js';

export type Role = Arm | 'judge';

/** Gets single answers, judged. */
export class Drawer {
  readonly #lanes = new Lanes();

  constructor(
    private readonly plan: Plan,
    private readonly spending: Spending,
  ) {}

  /** @throws ConfigError, ProviderError; anything once the signal aborts */
  async draw(arm: Arm, index: number, sample: number, signal: AbortSignal): Promise<Drawn> {
    const item = this.plan.battery.items[index];
    if (item === undefined) throw new Error(`no item ${index}`);
    const about = { arm, item, index, sample };
    const priority = drawingPriority(sample, arm === 'baseline');
    const given = await this.#lanes.run(this.#lane(arm), priority, signal, () =>
      this.plan.models[arm].answer({ item, index, sample, priority, signal }),
    );
    if (given.kind === 'missing') return { ...about, answer: null, outcome: given };
    this.spending.used(arm, given.usage);
    const outcome = await this.#lanes.run(this.#lane('judge'), JUDGING, signal, () =>
      this.plan.judge.judge({ item, answer: given, priority: JUDGING, signal }),
    );
    if (outcome.kind === 'judged') this.spending.used('judge', outcome.usage);
    return { ...about, answer: given, outcome };
  }

  #lane(role: Role): Lane {
    return this.plan.lanes[role];
  }
}
