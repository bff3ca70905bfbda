import type { Clock, ProgressListener } from '../log.js';
import type { VerdictEngine } from '../verdict/engine.js';
import type { Decision } from '../verdict/verdict.js';
import { Blocks } from './blocks.js';
import { Drawer } from './draw.js';
import { Halt } from './halt.js';
import { watchCost, watchTime } from './limits.js';
import { type Drawn, observe } from './observe.js';
import type { Plan } from './plan.js';
import { progressOf } from './progress.js';
import { restOfRecordings } from './recorded-rest.js';
import type { Spending } from './spending.js';

export interface SamplingPorts {
  readonly clock: Clock;
  readonly spending: Spending;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Keeps answers as soon as their block is complete, so that a crash loses little. */
  readonly keep: (drawn: readonly Drawn[]) => Promise<void>;
}

export interface Sampled {
  readonly decision: Decision;
  /** Every settled answer, those that the decision did without included. */
  readonly drawn: readonly Drawn[];
}

/**
 * Draws and judges answers block by block until the engine decides or a limit strikes.
 * @throws ConfigError (a key refused midway …) and InternalError; trouble with an endpoint ends in `inconclusive` instead
 */
export async function sampleUntilDecided(plan: Plan, engine: VerdictEngine, ports: SamplingPorts): Promise<Sampled> {
  const halt = new Halt();
  const drawer = new Drawer(plan, ports.spending);
  const blocks = new Blocks(drawer, halt, {
    items: plan.battery.items.length,
    blocks: Math.min(engine.maxBlocks, plan.recorded?.blocks ?? Number.POSITIVE_INFINITY),
    seed: plan.settings.candidate.sampling.seed,
  });
  const unwatch = watchTime(halt, plan.settings, ports.signal);
  const counted = new Set<Drawn>();
  try {
    await feed(plan, engine, blocks, halt, counted, ports);
  } finally {
    unwatch();
    halt.done();
    await blocks.drained();
  }
  if (halt.error) throw halt.error;
  const decision = engine.decision ?? engine.conclude(halt.reason ?? usedUp(plan));
  const rest = await restOfRecordings(plan, drawer, blocks.settled);
  const unused = [...blocks.settled.filter((drawn) => !counted.has(drawn)), ...rest];
  for (const drawn of unused) engine.addUnused(drawn.arm, drawn.index, observe(drawn, plan.settings.judge.thresholds));
  await ports.keep(inOrder(unused));
  return { decision, drawn: [...blocks.settled, ...rest] };
}

/** Hands block after block to the engine. Ends with a decision, with a halt, or when there are no more blocks. */
async function feed(
  plan: Plan,
  engine: VerdictEngine,
  blocks: Blocks,
  halt: Halt,
  counted: Set<Drawn>,
  { onProgress, clock, spending, keep }: SamplingPorts,
): Promise<void> {
  const { thresholds } = plan.settings.judge;
  const tell = progressOf(engine, plan, clock, onProgress);
  for (let block = 0; !halt.signal.aborted; block += 1) {
    const baseline = await blocks.baseline(block);
    if (baseline === null || baseline.length === 0) return;
    engine.openBlock(baseline.map((drawn) => observe(drawn, thresholds)));
    const ofBlock = [...baseline];
    for await (const drawn of blocks.candidate(block)) {
      ofBlock.push(drawn);
      if (engine.record(drawn.index, observe(drawn, thresholds))) halt.done();
      else watchCost(halt, plan.settings, spending);
      tell(blocks.settled);
      if (halt.signal.aborted) break;
    }
    for (const drawn of ofBlock) counted.add(drawn);
    await keep(inOrder(ofBlock));
  }
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
