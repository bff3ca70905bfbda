import { type Activity, UNWATCHED } from '../core/activity.js';
import type { KnownError } from '../core/errors.js';
import { orLeft } from '../core/grace.js';
import type { Logger } from '../core/log.js';
import { Freshness } from '../guards/cached-answers.js';
import { BaselineSense } from '../guards/incoherent-baseline.js';
import { JudgedAtAll } from '../guards/nothing-judged.js';
import { UnjudgedNotice } from '../guards/unjudged-answers.js';
import { ThinkingUnjudged } from '../guards/unjudged-reasoning.js';
import { type Drawn, observe } from '../judge/judged-answer.js';
import type { Arm } from '../models/model.js';
import type { Memory } from '../state/answer-store.js';
import type { VerdictEngine } from '../verdict/engine.js';
import { plural } from '../verdict/reason-wording.js';
import { leastAnswersForPass } from '../verdict/validate-settings.js';
import type { Decision, GuardFinding, Reason } from '../verdict/verdict.js';
import { Drawer } from './ask-and-judge.js';
import { type BlockShape, Blocks } from './block-stream.js';
import { type Deadline, watchDeadline } from './deadline.js';
import { Halt } from './early-stop.js';
import { baselineUsedUp } from './exhausted.js';
import { blocksAhead, Pace } from './look-ahead.js';
import type { Plan } from './plan.js';
import { INTERVAL_MS, type ProgressPorts, progressOf } from './progress.js';
import { Harvest } from './run-totals.js';
import { Spread } from './spread.js';
import { restOf } from './unused-answers.js';

export interface SamplingPorts extends Omit<ProgressPorts, 'had'> {
  /** Ends sampling early: what was sampled is reported, inconclusive. */
  readonly deadline: Deadline;
  /** Hears of what begins and ends. */
  readonly activity?: Activity;
  /** What earlier attempts left. */
  readonly memory: Memory;
  /** Told once of what the user may want to know before the end. */
  readonly log?: Pick<Logger, 'notice'>;
  /** What is found out while the first answers are drawn; no answer counts before. */
  readonly findings?: Promise<readonly GuardFinding[]>;
  /** Whose server was not shown to sample: even short answers are told from copies then. */
  readonly doubtful?: Readonly<Partial<Record<Arm, boolean>>>;
  /** Keeps answers as soon as their block is complete, so that a crash loses little. */
  readonly keep: (drawn: readonly Drawn[]) => Promise<void>;
}

export interface Sampled {
  readonly decision: Decision;
  /** What stopped it, where the user must act or we must: the decision is then `inconclusive` for that reason. */
  readonly error: KnownError | null;
  /** The evidence decided, not a limit or trouble: another attempt would find the same. */
  readonly settled: boolean;
  readonly harvest: Harvest;
  /** For comparisons with later runs. */
  readonly tracks: ReturnType<Harvest['tracks']['complete']>;
}

/**
 * Draws and judges answers block by block until the engine decides or a limit strikes.
 * Whatever stops it before, what is counted by then stays, and the decision is `inconclusive`.
 */
export async function sampleUntilDecided(plan: Plan, engine: VerdictEngine, ports: SamplingPorts): Promise<Sampled> {
  const { judge, excerpts } = plan.settings;
  const { activity = UNWATCHED } = ports;
  const halt = new Halt();
  const harvest = new Harvest(judge.thresholds, excerpts);
  const freshness = plan.recorded ? null : new Freshness(plan.models, ports.doubtful);
  const thinking = new ThinkingUnjudged(judge);
  const onSettled = (drawn: Drawn) => {
    harvest.add(drawn);
    freshness?.add(drawn);
    thinking.add(drawn);
  };
  const shape = shapeOf(plan, engine, ports.memory);
  const spread = spreadOf(plan, engine, ports);
  const pace = new Pace(engine, halt, shape.items, plan.settings.maxConcurrency, spread, activity);
  const drawer = new Drawer(plan, ports.memory, pace.ahead, freshness, activity);
  const blocks = new Blocks(drawer, halt, shape, onSettled);
  const unused = await feedUntilDecided(plan, pace, blocks, halt, harvest, { ...ports, had: () => drawer.had });
  for (const finding of [...(freshness?.findings ?? []), thinking.finding]) engine.addFinding(finding);
  const settled = engine.decision !== undefined && halt.error === null;
  const decision = engine.decision ?? engine.conclude(halt.stopped ?? usedUp(plan, ports.memory));
  const take = async (drawn: readonly Drawn[]) => {
    for (const one of drawn) engine.addUnused(one.arm, one.index, observe(one, judge.thresholds));
    await activity.during('answers that the decision did without', 0, () => ports.keep(inOrder(drawn)));
  };
  await take(unused);
  for await (const batch of restOf(plan, ports.memory)) {
    for (const drawn of batch) harvest.add(drawn);
    await take(batch);
  }
  const tracks = harvest.tracks.complete(shape.items);
  return { ...heldBack(engine.decision ?? decision, halt), settled, harvest, tracks };
}

function shapeOf({ battery, settings, recorded }: Plan, engine: VerdictEngine, { baselineBlocks }: Memory): BlockShape {
  const items = battery.items.length;
  // As many as are recorded or stored.
  const atMost = recorded?.blocks ?? baselineBlocks ?? Number.POSITIVE_INFINITY;
  return {
    items,
    blocks: Math.min(engine.maxBlocks, atMost),
    seed: settings.candidate.sampling.seed,
    ahead: blocksAhead(items, settings.maxConcurrency),
    suspicions: () => engine.suspicions(),
  };
}

/** Null where nothing is to be met in time: recordings, an attempt that was over before. */
function spreadOf({ items, engineConfig, recorded }: Plan, engine: VerdictEngine, ports: SamplingPorts): Spread | null {
  const { minMinutes } = engineConfig.settings;
  if (minMinutes === 0 || recorded || ports.memory.isComplete) return null;
  const { judgeError } = engine.summary();
  const blocks = leastAnswersForPass(items, { ...engineConfig, judgeError }) / items.length;
  const spread = new Spread(minMinutes, blocks, ports.clock);
  engine.holdPassWhile(() => spread.isTooSoon);
  return spread;
}

/** @returns the settled answers that the decision did without */
async function feedUntilDecided(
  plan: Plan,
  pace: Pace,
  blocks: Blocks,
  halt: Halt,
  harvest: Harvest,
  ports: SamplingPorts & Pick<ProgressPorts, 'had'>,
): Promise<readonly Drawn[]> {
  watchDeadline(halt, ports.deadline);
  const waiting = () => ports.waiting?.() ?? pace.spread?.waiting ?? null;
  const tell = progressOf(pace.engine, plan, { ...ports, waiting });
  // Also while no answer comes: why is what a user then wants to know.
  const ticking = setInterval(() => tell(harvest), INTERVAL_MS).unref();
  try {
    blocks.begin();
    await takeIn(ports.findings, pace.engine, halt);
    await feed(plan, pace, blocks, halt, { ...ports, tell: () => tell(harvest) });
  } finally {
    clearInterval(ticking);
    halt.done();
    await blocks.drained();
  }
  return blocks.drained();
}

/** Hands block after block to the engine. Ends with a decision, with a halt, or when there are no more blocks. */
async function feed(
  plan: Plan,
  pace: Pace,
  blocks: Blocks,
  halt: Halt,
  { keep, tell, log, memory }: SamplingPorts & { readonly tell: () => void },
): Promise<void> {
  const { thresholds } = plan.settings.judge;
  const sense = new BaselineSense();
  const judged = new JudgedAtAll();
  const unjudged = new UnjudgedNotice(pace.engine, plan.settings.verdict, log);
  const most = plan.items.length * shapeOf(plan, pace.engine, memory).blocks;
  for (let block = 0; !halt.signal.aborted; block += 1) {
    const baseline = await blocks.baseline(block);
    if (baseline === null || baseline.length === 0) return;
    const observed = baseline.map((drawn) => observe(drawn, thresholds));
    pace.openBlock(observed);
    sense.check(observed, halt);
    judged.check(baseline, halt);
    unjudged.add(baseline);
    const ofBlock = [...baseline];
    for await (const drawn of blocks.candidate(block)) {
      ofBlock.push(drawn);
      if (pace.record(drawn.index, observe(drawn, thresholds))) halt.done();
      judged.check([drawn], halt);
      unjudged.add([drawn]);
      unjudged.check(most);
      tell();
      if (halt.signal.aborted) break;
    }
    await keep(inOrder(ofBlock));
    if (ofBlock.length < 2 * baseline.length) return;
  }
}

async function takeIn(findings: SamplingPorts['findings'], engine: VerdictEngine, halt: Halt): Promise<void> {
  try {
    for (const finding of (await orLeft(Promise.resolve(findings), halt.signal)) ?? []) engine.addFinding(finding);
  } catch (error) {
    halt.failed(error);
  }
}

/** Where an error stopped it, that is the decision, whatever the evidence said at that moment. */
function heldBack(decision: Decision, { error, stopped }: Halt): Pick<Sampled, 'decision' | 'error'> {
  if (error === null || stopped === null) return { decision, error };
  return { decision: { verdict: 'inconclusive', reasons: [stopped] }, error };
}

/** Baseline first, then by item: the order of arrival says nothing and would make no two runs alike. */
function inOrder(drawn: readonly Drawn[]): readonly Drawn[] {
  return drawn.toSorted((a, b) => a.sample - b.sample || (a.arm < b.arm ? -1 : a.arm > b.arm ? 1 : a.index - b.index));
}

function usedUp({ recorded, settings }: Plan, { isComplete, baselineBlocks, whyNoMore = null }: Memory): Reason {
  if (isComplete) {
    const message =
      'The journal in state-dir says that its run came to a decision, but its answers lead to none now. Run with resume: false, or with a new state-dir, to draw anew.';
    return { code: 'state.undecided', message };
  }
  if (recorded === null) return baselineUsedUp(settings.baseline.reference, baselineBlocks ?? 0, whyNoMore);
  return {
    code: 'recording-used-up',
    message: `The recordings hold ${plural(recorded.blocks, 'answer')} of every question, and after these there is neither enough evidence of harm nor of its absence. Record more answers to each question.`,
  };
}
