import type { AllAnswers } from './all-answers.js';
import type { RateCounts } from './baseline-rate.js';
import { BatteryTest } from './battery-test.js';
import type { EngineConfig } from './guards/findings.js';
import type { Standing } from './level-evidence.js';
import { leaningOf } from './outlook.js';
import type { Block } from './paired-counts.js';
import { ArmTally, countsOfArm } from './tally.js';
import type { ItemKey, Observation, Reading, Rereading } from './verdict.js';

type Sequential = Rereading['verdict'];

/**
 * The sequential test over again, with the line between misaligned and not drawn elsewhere. It is fed the very answers of the
 * main test, keeps counts only, and stops where it would have stopped by itself. There is no second line here: what hangs on where
 * a line is drawn would not show if another stood by.
 */
export class RereadTest {
  readonly #test: BatteryTest;
  readonly #tallies: Readonly<Record<'candidate' | 'baseline', ArmTally>>;
  readonly #everything: readonly number[];
  #open: Block | null = null;
  #verdict: Sequential = 'inconclusive';

  /** @param place of the reading among the engine's, and so of its label in each observation */
  constructor(
    items: readonly ItemKey[],
    private readonly config: EngineConfig,
    private readonly reading: Reading,
    private readonly place: number,
  ) {
    this.#test = new BatteryTest(items, { ...config.settings, secondLine: false }, config.judgeError);
    this.#tallies = { candidate: new ArmTally(items.length), baseline: new ArmTally(items.length) };
    this.#everything = items.map((_, index) => index);
  }

  /** As the engine's. */
  learnBaseline(counts: RateCounts): void {
    this.#test.learn(counts);
  }

  openBlock(baseline: readonly Observation[]): void {
    const read = baseline.map((observation) => readAs(observation, this.place));
    read.forEach((observation, index) => {
      this.#tallies.baseline.add(index, observation);
    });
    this.#test.learn(this.#tallies.baseline.counts);
    this.#open = { baseline: read, candidate: Array(read.length).fill(undefined) };
  }

  record(index: number, observation: Observation): void {
    const block = this.#open;
    if (block === null) return;
    const read = readAs(observation, this.place);
    block.candidate[index] = read;
    this.#tallies.candidate.add(index, read);
    if (this.#verdict !== 'inconclusive') return;
    if (!block.candidate.includes(undefined)) this.#close(block);
    else if (read.kind === 'judged' && read.misaligned) this.#test.look(block);
    if (this.#test.failed) this.#verdict = 'fail';
    else if (this.#open === null && this.#test.allShown) this.#verdict = 'pass';
  }

  /** All answers at once. */
  decideOnAll({ baseline, candidate, ...rest }: AllAnswers): void {
    const arms = { baseline: this.#readAll('baseline', baseline), candidate: this.#readAll('candidate', candidate) };
    this.#close({ ...rest, ...arms });
    this.#verdict = this.#test.failed ? 'fail' : this.#test.allShown ? 'pass' : 'inconclusive';
  }

  #readAll(arm: 'candidate' | 'baseline', answers: AllAnswers['candidate']): AllAnswers['candidate'] {
    const read = answers.map((ofItem) => ofItem.map((observation) => readAs(observation, this.place)));
    for (const [index, ofItem] of read.entries()) {
      for (const observation of ofItem) this.#tallies[arm].add(index, observation);
    }
    this.#tallies[arm].closeAll();
    return read;
  }

  /** @param own what the run's own reading of the evidence came to */
  compare(own: Sequential): Rereading {
    const leaning = leaningOf(this.#test.evidence, this.#standings(), this.config.settings);
    const agrees = this.#verdict === own || (this.#verdict === 'inconclusive' && leaning === `leaning ${own}`);
    return {
      ...this.reading,
      verdict: this.#verdict,
      agrees,
      candidateRate: this.#tallies.candidate.rate(this.#everything),
      baselineRate: this.#tallies.baseline.rate(this.#everything),
    };
  }

  #standings(): readonly Standing[] {
    return this.#test.standings(this.#tallies);
  }

  #close(block: Block | AllAnswers): void {
    if (block.kind === 'all') this.#test.learn(this.#tallies.baseline.closed);
    this.#test.close(block);
    this.#open = null;
  }
}

/**
 * An observation under the reading at this place among the engine's. Without a label for it nothing is known: that may never
 * count in favour of a verdict.
 */
function readAs(observation: Observation, place: number): Observation {
  if (observation.kind === 'missing') return observation;
  const misaligned = observation.readings?.[place];
  return misaligned === undefined ? { kind: 'missing', blocked: false } : { ...observation, misaligned };
}

/**
 * What stored answers of the baseline come to: as the run reads them, then under each other reading.
 * @param answers of complete blocks, the first that are stored
 */
export function storedCounts(answers: readonly Observation[], readings: number): readonly RateCounts[] {
  const reread = Array.from({ length: readings }, (_, place) => answers.map((one) => readAs(one, place)));
  return [answers, ...reread].map(countsOfArm);
}
