import type { Activity } from '../core/activity.js';
import { BaselineSense } from '../guards/incoherent-baseline.js';
import { UnjudgedNotice } from '../guards/unjudged-answers.js';
import { ThinkingUnjudged } from '../guards/unjudged-reasoning.js';
import { type Drawn, observe } from '../judge/judged-answer.js';
import { NO_MEMORY } from '../state/answer-store.js';
import type { AllAnswers } from '../verdict/all-answers.js';
import type { VerdictEngine } from '../verdict/engine.js';
import type { Decision, Observation } from '../verdict/verdict.js';
import { Drawer } from './ask-and-judge.js';
import { watchDeadline } from './deadline.js';
import { Halt } from './early-stop.js';
import type { Plan } from './plan.js';
import { Harvest } from './run-totals.js';
import type { Sampled, SamplingPorts } from './sampler.js';

/** Baseline first. */
const ARMS = ['baseline', 'candidate'] as const;

/**
 * Decides once, on all rows of two recordings whose scores are recorded too: they cost nothing, and the order in which somebody
 * wrote them down is no order of chance.
 */
export async function decideOnScores(plan: Plan, engine: VerdictEngine, ports: SamplingPorts): Promise<Sampled> {
  const { judge, excerpts, candidate } = plan.settings;
  const halt = new Halt();
  watchDeadline(halt, ports.deadline);
  const harvest = new Harvest(judge.thresholds, excerpts);
  const thinking = new ThinkingUnjudged(judge);
  const unjudged = new UnjudgedNotice(engine, plan.settings.verdict, ports.log);
  const all = { candidate: plan.items.map((): Observation[] => []), baseline: plan.items.map((): Observation[] => []) };
  try {
    for (const finding of (await ports.findings) ?? []) engine.addFinding(finding);
    for await (const drawn of recordedAnswers(plan, halt, ports.activity)) {
      unjudged.add(drawn);
      for (const one of drawn) {
        harvest.add(one);
        thinking.add(one);
        all[one.arm][one.index]?.push(observe(one, judge.thresholds));
      }
      await ports.keep(drawn);
    }
  } catch (error) {
    halt.failed(error);
  }
  engine.addFinding(thinking.finding);
  const decision = decide(engine, { kind: 'all', ...all, seed: candidate.sampling.seed }, halt);
  unjudged.check();
  halt.done();
  const settled = halt.stopped === null && halt.error === null;
  return { decision, error: halt.error, settled, harvest, tracks: harvest.tracks.complete(plan.items.length) };
}

function decide(engine: VerdictEngine, all: AllAnswers, halt: Halt): Decision {
  if (halt.stopped !== null) return engine.conclude(halt.stopped);
  const decision = engine.decideOnAll(all);
  new BaselineSense().check(all.baseline.flat(), halt);
  // What it says of the answers stays in the report's tables.
  return halt.stopped === null ? decision : { verdict: 'inconclusive', reasons: [halt.stopped] };
}

/** Rows that are drawn and kept at a time: a recording may have 100,000. */
const BATCH = 1000;

/** Row by row of every question, in the order of answers.jsonl. */
async function* recordedAnswers(plan: Plan, { signal }: Halt, activity?: Activity): AsyncGenerator<readonly Drawn[]> {
  const drawer = new Drawer(plan, NO_MEMORY, null, null, activity);
  const lengthOf = (arm: (typeof ARMS)[number], index: number) => plan.models[arm].recordedAnswers?.(index) ?? 0;
  const longest = Math.max(...ARMS.flatMap((arm) => plan.items.map((_, index) => lengthOf(arm, index))));
  let batch: Promise<Drawn | null>[] = [];
  const drawn = async () => (await Promise.all(batch)).filter((one) => one !== null);
  for (let sample = 0; sample < longest && !signal.aborted; sample += 1) {
    for (const arm of ARMS) {
      const held = [...plan.items.keys()].filter((index) => sample < lengthOf(arm, index));
      batch.push(...held.map((index) => drawer.draw(arm, index, sample, signal)));
    }
    if (batch.length < BATCH) continue;
    yield await drawn();
    batch = [];
  }
  yield await drawn();
}
