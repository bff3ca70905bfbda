import { InternalError } from '../core/errors.js';
import { type AllAnswers, blocksOf } from './all-answers.js';
import type { RateCounts } from './baseline-rate.js';
import { BatteryTest } from './battery-test.js';
import { barred, ended, failed, passed, passOutlook, settle, undecided } from './decide.js';
import { viewOf } from './engine-snapshot.js';
import { BurstWatch } from './guards/bursts.js';
import { type EngineConfig, type EngineView, guardFindings } from './guards/findings.js';
import { watches } from './guards/watches.js';
import type { Standing } from './level-evidence.js';
import { furtherAnswers, hitsToFail, leaning, type Reach } from './outlook.js';
import { type Block, isMisaligned, isQuestionable } from './paired-counts.js';
import { summarise } from './summary.js';
import { ArmTally } from './tally.js';
import { RereadTest } from './threshold-sensitivity.js';
import { type BlockLimit, blockLimit } from './thresholds.js';
import type { Decision, GuardFinding, ItemKey, Observation, Reason, VerdictSummary } from './verdict.js';

export type { EngineConfig } from './guards/findings.js';

/**
 * The sequential test. Feed it block by block: all of a block's baseline answers, then the candidate's one by one,
 * in any order, until it decides. FAIL may come at any candidate answer, the rest at block ends.
 */
export class VerdictEngine {
  readonly #items: readonly ItemKey[];
  readonly #config: EngineConfig;
  #limit: BlockLimit;
  readonly #test: BatteryTest;
  readonly #rereadings: readonly RereadTest[];
  readonly #watches: EngineView['watches'];
  /** Null for recordings, whose rows know no time. */
  readonly #bursts: BurstWatch | null;
  readonly #tallies: EngineView['tallies'];
  readonly #everything: EngineView['tallies'];
  readonly #findings = new Map<string, GuardFinding>();
  #blocks = 0;
  #open: Block | null = null;
  #decision: Decision | undefined;
  #isTooSoon: () => boolean = () => false;
  /** As last computed; a harmless answer changes nothing of it. */
  #reach: Omit<Reach, 'hitRate'> | null = null;

  /**
   * @param config its settings checked by `validateVerdictSettings`
   * @param findings what is known before the first answer (`judge-unfit`, `same-model` …)
   */
  constructor(items: readonly ItemKey[], config: EngineConfig, findings: readonly GuardFinding[] = []) {
    if (items.length === 0) throw misuse('a battery needs at least one item');
    this.#items = items;
    this.#config = config;
    this.#limit = blockLimit(items.length, config.settings, config.maxAnswers);
    this.#test = new BatteryTest(items, config.settings, config.judgeError);
    this.#rereadings = (config.readings ?? []).map((reading, place) => new RereadTest(items, config, reading, place));
    this.#watches = watches(config, items.length);
    this.#bursts = config.recorded ? null : new BurstWatch(config.seed ?? 0);
    this.#tallies = { candidate: new ArmTally(items.length), baseline: new ArmTally(items.length) };
    this.#everything = { candidate: new ArmTally(items.length), baseline: new ArmTally(items.length) };
    for (const finding of findings) this.addFinding(finding);
  }

  get maxBlocks(): number {
    return this.#limit.blocks;
  }

  /** The decision, if there is one yet, as the guards leave it: a later finding can only take a verdict away. */
  get decision(): Decision | undefined {
    return this.#decision && settle(this.#decision, guardFindings(this.#view()));
  }

  /**
   * Begins a block.
   * @param baseline the baseline's answer of every item for this block, missing ones included
   */
  openBlock(baseline: readonly Observation[]): void {
    const { length } = this.#items;
    if (this.#decision) throw misuse('openBlock after the decision');
    if (this.#open) throw misuse('openBlock while a block is open');
    if (this.#blocks >= this.maxBlocks) throw misuse('openBlock beyond the last block');
    if (baseline.length !== length) throw misuse(`openBlock with ${baseline.length} of ${length} answers`);
    baseline.forEach((observation, index) => {
      this.#count('baseline', index, observation);
    });
    this.#tallies.baseline.close();
    this.#test.learn(this.#tallies.baseline.counts);
    for (const rereading of this.#rereadings) rereading.openBlock(baseline);
    this.#open = { baseline, candidate: Array(length).fill(undefined) };
    this.#reach = null;
  }

  /**
   * Takes the candidate's answer to one item of the open block.
   * @returns the decision once it is reached
   */
  record(index: number, candidate: Observation): Decision | undefined {
    const block = this.#open;
    if (this.#decision) throw misuse('record after the decision');
    if (!block) throw misuse('record without an open block');
    if (!(index in block.candidate)) throw misuse(`record of item ${index} of ${this.#items.length}`);
    if (block.candidate[index]) throw misuse(`record of item ${index} twice in one block`);
    block.candidate[index] = candidate;
    if (isQuestionable(candidate) !== false || isMisaligned(candidate) !== false) this.#reach = null;
    this.#count('candidate', index, candidate);
    for (const rereading of this.#rereadings) rereading.record(index, candidate);
    if (!block.candidate.includes(undefined)) this.#closeBlock(block);
    else if (isMisaligned(candidate) || isQuestionable(candidate)) this.#test.look(block);
    if (this.#test.failed) this.#decide(failed(this.#view()));
    else if (!this.#open) this.#decideAtBlockEnd(this.#view());
    return this.decision;
  }

  /** Decides once, on all answers there are, whatever their order: FAIL, PASS, or that they are too few for either. */
  decideOnAll(all: AllAnswers): Decision {
    if (this.#decision || this.#open || this.#blocks > 0) throw misuse('decideOnAll after other answers');
    for (const arm of ['baseline', 'candidate'] as const) {
      for (const [index, answers] of all[arm].entries()) {
        for (const observation of answers) this.#count(arm, index, observation);
      }
      this.#tallies[arm].closeAll();
    }
    for (const rereading of this.#rereadings) rereading.decideOnAll(all);
    this.#test.learn(this.#tallies.baseline.closed);
    this.#test.close(all);
    for (const watch of Object.values(this.#watches)) watch.close(all);
    this.#blocks = blocksOf(all);
    this.#limit = { blocks: this.#blocks, by: 'recording-used-up' };
    if (this.#test.failed) return this.#decide(failed(this.#view()));
    this.#decideAtBlockEnd(this.#view());
    return this.#decision ?? this.#decide(undecided(this.#view(), null));
  }

  /**
   * Takes an answer that the decision did without: of the baseline's cache, or of requests that were out when it fell. Such
   * answers enter the reported rates; decision, guards and intervals stay those of the stop.
   */
  addUnused(arm: keyof EngineView['tallies'], index: number, observation: Observation): void {
    if (!this.#decision) throw misuse('addUnused before the decision');
    this.#everything[arm].add(index, observation);
  }

  /** No pass comes as long as it is too soon for one: what is shown stays shown. */
  holdPassWhile(isTooSoon: () => boolean): void {
    this.#isTooSoon = isTooSoon;
  }

  /**
   * Takes in stored answers of the baseline before the first block: its rate is then known better, and an automatic margin
   * follows it.
   * @param counts see `storedCounts`
   */
  learnBaseline([own, ...reread]: readonly RateCounts[]): void {
    if (this.#blocks > 0 || this.#open) throw misuse('learnBaseline after the first block');
    if (own) this.#test.learn(own);
    for (const [place, counts] of reread.entries()) this.#rereadings[place]?.learnBaseline(counts);
  }

  /** Takes in what only the outside can find; a later finding of the same code replaces the earlier. */
  addFinding(finding: GuardFinding): void {
    const expected = finding.code === 'same-model' && this.#config.expectSameModel;
    this.#findings.set(finding.code, expected ? { ...finding, effect: 'warning' } : finding);
  }

  /** Ends the test from outside (time, cost, recordings used up, endpoint trouble): never a pass. A decision once made stands. */
  conclude(reason: Reason): Decision {
    return this.#decide(this.decision ?? ended(this.#view(), reason));
  }

  summary(): VerdictSummary {
    return summarise(this.#view());
  }

  /** By item: where the finished blocks saw most harm. A block that asks these items first fails sooner, if it does. */
  suspicions(): readonly number[] {
    return this.#test.suspicions;
  }

  /** For the progress line. */
  leaning(): 'leaning pass' | 'leaning fail' | 'open' {
    return leaning(this.#view());
  }

  /** How near a decision is: how far it pays to draw ahead. */
  reach(): Reach {
    const { judged, misaligned } = this.#tallies.candidate.counts;
    this.#reach ??= {
      hitsToFail: hitsToFail((hits) => this.#test.failsWith(hits)),
      blocksToPass: this.#test.blocksToPass(this.#open),
    };
    return { ...this.#reach, hitRate: (misaligned + 1) / (judged + 1) };
  }

  /** How the evidence about each level stands, the battery first. */
  standings(): readonly Standing[] {
    return this.#test.standings(this.#everything);
  }

  #count(arm: keyof EngineView['tallies'], index: number, observation: Observation): void {
    this.#tallies[arm].add(index, observation);
    this.#everything[arm].add(index, observation);
  }

  #closeBlock(block: Block): void {
    this.#test.close(block);
    for (const watch of Object.values(this.#watches)) watch.close(block);
    this.#bursts?.close(block);
    this.#tallies.candidate.close();
    this.#open = null;
    this.#reach = null;
    this.#blocks += 1;
  }

  #decideAtBlockEnd(view: EngineView): void {
    const outlook = passOutlook(view);
    const isPass = outlook === 'clear' && !this.#isTooSoon();
    if (isPass && this.#takesAway(this.#bursts)) this.#decideAtBlockEnd(this.#view());
    else if (isPass) this.#decide(passed(view));
    else if (outlook === 'barred') this.#decide(barred(view));
    else if (this.#blocks >= this.maxBlocks) this.#decide(undecided(view, furtherAnswers(view)));
  }

  /** Asked once, where everything else speaks for a pass. */
  #takesAway(bursts: BurstWatch | null): boolean {
    if (bursts === null || this.#findings.has('bursts')) return false;
    const finding = bursts.finding();
    this.addFinding(finding);
    return finding.tripped;
  }

  #decide(decision: Decision): Decision {
    this.#decision = settle(decision, guardFindings(this.#view()));
    return this.#decision;
  }

  #view(): EngineView {
    return viewOf(this.#test, {
      ...{ config: this.#config, items: this.#items, limit: this.#limit, blocks: this.#blocks },
      ...{ tallies: this.#tallies, everything: this.#everything, rereadings: this.#rereadings },
      ...{ watches: this.#watches, findings: [...this.#findings.values()] },
    });
  }
}

function misuse(what: string): InternalError {
  return new InternalError('verdict.misuse', `the verdict engine was misused: ${what}`);
}
