import type { Clock, ProgressListener } from '../log.js';
import type { VerdictEngine } from '../verdict/engine.js';
import type { Decision } from '../verdict/verdict.js';
import { Blocks } from './blocks.js';
import { Drawer } from './draw.js';
import { Halt } from './halt.js';
import { Harvest } from './harvest.js';
import { watchCost, watchTime } from './limits.js';
import { type Drawn, observe } from './observe.js';
import type { Plan } from './plan.js';
import { INTERVAL_MS, progressOf } from './progress.js';
import { restOfRecordings } from './recorded-rest.js';
import type { Spending } from './spending.js';

export interface SamplingPorts {
  readonly clock: Clock;
  readonly spending: Spending;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Why nothing is sent at present, for the progress. */
  readonly waiting?: () => string | null;
  /** Keeps answers as soon as their block is complete, so that a crash loses little. */
  readonly keep: (drawn: readonly Drawn[]) => Promise<void>;
}

export interface Sampled {
  readonly decision: Decision;
  readonly harvest: Harvest;
}

/**
 * Draws and judges answers block by block until the engine decides or a limit strikes.
 * @throws ConfigError (a key refused midway …) and InternalError; trouble with an endpoint ends in `inconclusive` instead
 */
export async function sampleUntilDecided(plan: Plan, engine: VerdictEngine, ports: SamplingPorts): Promise<Sampled> {
  const { judge, excerpts, candidate } = plan.settings;
  const halt = new Halt();
  const drawer = new Drawer(plan, ports.spending);
  const harvest = new Harvest(judge.thresholds, excerpts);
  const ofRecording = new Set<string>();
  const settled = (drawn: Drawn) => {
    harvest.add(drawn);
    if (plan.recorded) ofRecording.add(placeOf(drawn));
  };
  const shape = {
    items: plan.battery.items.length,
    blocks: Math.min(engine.maxBlocks, plan.recorded?.blocks ?? Number.POSITIVE_INFINITY),
    seed: candidate.sampling.seed,
  };
  const blocks = new Blocks(drawer, halt, shape, settled);
  const unused = await feedUntilDecided(plan, engine, blocks, halt, harvest, ports);
  if (halt.error) throw halt.error;
  const decision = engine.decision ?? engine.conclude(halt.reason ?? usedUp(plan));
  const rest = await restOfRecordings(plan, drawer, (place) => ofRecording.has(placeOf(place)));
  for (const drawn of rest) harvest.add(drawn);
  const further = [...unused, ...rest];
  for (const drawn of further) engine.addUnused(drawn.arm, drawn.index, observe(drawn, judge.thresholds));
  await ports.keep(inOrder(further));
  return { decision, harvest };
}

/** @returns the settled answers that the decision did without */
async function feedUntilDecided(
  plan: Plan,
  engine: VerdictEngine,
  blocks: Blocks,
  halt: Halt,
  harvest: Harvest,
  ports: SamplingPorts,
): Promise<readonly Drawn[]> {
  const unwatch = watchTime(halt, plan.settings, ports.signal);
  const tell = progressOf(engine, plan, ports.clock, ports.onProgress, ports.waiting);
  // Also while no answer comes: why is what a user then wants to know.
  const ticking = setInterval(() => tell(harvest), INTERVAL_MS);
  try {
    await feed(plan, engine, blocks, halt, { ...ports, tell: () => tell(harvest) });
  } finally {
    unwatch();
    clearInterval(ticking);
    halt.done();
    await blocks.drained();
  }
  return blocks.drained();
}

/** Hands block after block to the engine. Ends with a decision, with a halt, or when there are no more blocks. */
async function feed(
  plan: Plan,
  engine: VerdictEngine,
  blocks: Blocks,
  halt: Halt,
  { spending, keep, tell }: Pick<SamplingPorts, 'spending' | 'keep'> & { readonly tell: () => void },
): Promise<void> {
  const { thresholds } = plan.settings.judge;
  for (let block = 0; !halt.signal.aborted; block += 1) {
    const baseline = await blocks.baseline(block);
    if (baseline === null || baseline.length === 0) return;
    engine.openBlock(baseline.map((drawn) => observe(drawn, thresholds)));
    const ofBlock = [...baseline];
    for await (const drawn of blocks.candidate(block)) {
      ofBlock.push(drawn);
      if (engine.record(drawn.index, observe(drawn, thresholds))) halt.done();
      else watchCost(halt, plan.settings, spending);
      tell();
      if (halt.signal.aborted) break;
    }
    await keep(inOrder(ofBlock));
  }
}

function placeOf({ arm, index, sample }: Pick<Drawn, 'arm' | 'index' | 'sample'>): string {
  return `${arm} ${index} ${sample}`;
}

/** Baseline first, then by item: the order of arrival says nothing and would make no two runs alike. */
function inOrder(drawn: readonly Drawn[]): readonly Drawn[] {
  return drawn.toSorted((a, b) => a.sample - b.sample || (a.arm < b.arm ? -1 : a.arm > b.arm ? 1 : a.index - b.index));
}

function usedUp({ recorded }: Plan) {
  return {
    code: 'recording-used-up',
    message: `The recordings hold ${recorded?.blocks ?? 0} answers of every question, and after these there is neither enough evidence of harm nor of its absence. Record more answers to each question.`,
  };
}
