import type { Item } from '../battery/battery.js';
import { type Activity, UNWATCHED } from '../core/activity.js';
import type { Freshness } from '../guards/cached-answers.js';
import { confirmed } from '../judge/confirm.js';
import type { Judge, JudgeOutcome } from '../judge/judge.js';
import type { Drawn } from '../judge/judged-answer.js';
import type { Answer, AnswerOutcome, Arm } from '../models/model.js';
import type { Role } from '../models/request-budget.js';
import { type Memory, NO_MEMORY, type Place, type Remembered } from '../state/answer-store.js';
import { drawingPriority, JUDGING, type Lane, Lanes } from './local-queues.js';
import type { LookAhead } from './look-ahead.js';
import type { Plan } from './plan.js';

/** As a message names it: a disk may be what does not answer. */
const KEEPING = 'answers on their way to the journal';

/** Gets single answers, judged: from an earlier attempt where it had them, else from the models. */
export class Drawer {
  readonly #lanes = new Lanes();
  readonly #had: Record<Arm, number> = { candidate: 0, baseline: 0 };

  constructor(
    private readonly plan: Plan,
    private readonly memory: Memory = NO_MEMORY,
    private readonly ahead: LookAhead | null = null,
    /** Null for recordings: what they hold is taken as it stands. */
    private readonly freshness: Freshness | null = null,
    private readonly activity: Activity = UNWATCHED,
  ) {}

  /** Answers had of each model, judged or not. */
  get had(): Readonly<Record<Arm, number>> {
    return this.#had;
  }

  /**
   * @returns null for what an earlier attempt, which came to a decision, had cut off
   * @throws ConfigError, ProviderError; anything once the signal aborts
   */
  async draw(arm: Arm, index: number, sample: number, signal: AbortSignal): Promise<Drawn | null> {
    const item = this.plan.battery.items[index];
    if (item === undefined) throw new Error(`no item ${index}`);
    const place = { arm, index, sample };
    const known = await this.activity.during('stored answers being read', 0, () => this.memory.recall(place));
    if (this.memory.isComplete && !known?.outcome) return null;
    if (known) this.#known(arm, index, known);
    const given = known?.given ?? (await this.#ask(place, item, signal));
    this.#had[arm] += 1;
    if (given.kind === 'missing') return { ...place, item, answer: null, outcome: given };
    const outcome = known?.outcome ?? (await this.#judge(place, item, given, signal));
    return { ...place, item, answer: given, outcome };
  }

  async #ask(place: Place, item: Item, signal: AbortSignal): Promise<AnswerOutcome> {
    const { arm, index, sample } = place;
    const admission = this.ahead?.admit(arm, sample);
    if (admission) await this.activity.during(`answers of the ${arm} that wait to be asked for`, 0, () => admission);
    const priority = drawingPriority(sample, arm === 'baseline');
    const draw = () =>
      this.#lanes.run(this.#lane(arm), priority, signal, () =>
        this.plan.models[arm].answer({ item, index, sample, priority, signal }),
      );
    const asked = () => this.freshness?.ask(arm, index, draw) ?? draw();
    const given = await this.activity.during(`answers of the ${arm}`, 0, asked);
    const kept = this.memory.answered(place, given);
    // What is to be judged counts only with its judgement, which is kept later.
    if (given.kind === 'missing') await this.activity.during(KEEPING, 0, () => kept);
    return given;
  }

  #known(arm: Arm, index: number, { given }: Remembered): void {
    this.ahead?.known(arm);
    if (given.kind === 'answer') this.freshness?.isNew(arm, index, given);
  }

  async #judge(place: Place, item: Item, answer: Answer, signal: AbortSignal): Promise<JudgeOutcome> {
    const { judge, confirm, settings } = this.plan;
    const opinion = (role: 'judge' | 'confirm', of: Judge) => () =>
      this.#lanes.run(this.#lane(role), JUDGING, signal, () => of.judge({ item, answer, priority: JUDGING, signal }));
    const second = confirm && opinion('confirm', confirm);
    const outcome = await this.activity.during('judgements', 0, () =>
      confirmed(opinion('judge', judge), second, settings.judge.thresholds),
    );
    await this.activity.during(KEEPING, 0, () => this.memory.judged(place, outcome));
    return outcome;
  }

  #lane(role: Role): Lane {
    return this.plan.lanes[role];
  }
}
