import type { Battery } from '../battery/battery.js';
import { checkDomain } from '../battery/domain.js';
import { loadBattery } from '../battery/load.js';
import { isServed } from '../config/sections/endpoints.js';
import type { ModelSettings, Settings } from '../config/settings.js';
import { ConfigError } from '../core/errors.js';
import type { Judge } from '../judge/judge.js';
import { otherReadings } from '../judge/judge-thresholds.js';
import { openConfirm, openJudge } from '../judge/open-judge.js';
import { isToBeTested } from '../judge/self-check/fitness.js';
import { type LabelledSet, readLabelledSet } from '../judge/self-check/labelled-answers.js';
import { bestYouden } from '../judge/self-check/self-check.js';
import type { Arm, Model } from '../models/model.js';
import { openModel } from '../models/open-model.js';
import type { ModelPorts, Role } from '../models/request-budget.js';
import type { EngineConfig } from '../verdict/engine.js';
import type { ItemKey } from '../verdict/verdict.js';
import type { Lane } from './local-queues.js';
import { planReplay, type Recorded } from './plan-recorded.js';

/** Everything a run needs to know before its first answer. */
export interface Plan {
  readonly settings: Settings;
  readonly battery: Battery;
  readonly items: readonly ItemKey[];
  readonly models: Readonly<Record<Arm, Model>>;
  readonly judge: Judge;
  /** Judges flagged answers again; null where nobody does. */
  readonly confirm: Judge | null;
  readonly lanes: Readonly<Record<Role, Lane>>;
  /** What is particular to recordings; null where models are asked. */
  readonly recorded: Recorded | null;
  /** What the judge is tested on first; null where it is not. */
  readonly labelled: LabelledSet | null;
  /** As known before the judge's test: as if it erred on none of the labelled answers. */
  readonly engineConfig: EngineConfig;
}

export interface PlanPorts extends ModelPorts {
  /** Reads a team's battery or a recorded baseline. */
  readonly readText: (path: string) => Promise<string>;
  /** Stands in for a secret where the order of recorded answers needs one. */
  readonly random?: () => Uint8Array;
  readonly openModel: typeof openModel;
  readonly openJudge: typeof openJudge;
}

export const DEFAULT_OPENERS = { openModel, openJudge } as const;

/**
 * Loads the battery and opens models and judge.
 * @throws ConfigError, ProviderError
 */
export async function planRun(settings: Settings, ports: PlanPorts): Promise<Plan> {
  const labelled = isToBeTested(settings.judge) ? await readLabelledSet() : null;
  const opened = isReplay(settings) ? await planReplay(settings, ports) : await planLive(settings, ports);
  const { candidate, baseline } = opened.models;
  const judge = await closingOnError([candidate, baseline], () => {
    checkDomain(settings.domain, opened.battery);
    return ports.openJudge(settings.judge, ports);
  });
  const { confirm: asked, selfCheck } = settings.judge;
  const openAsked = asked && (() => openConfirm({ ...asked, selfCheck }, ports));
  const confirm = openAsked && (await closingOnError([candidate, baseline, judge], openAsked));
  return {
    ...opened,
    settings,
    labelled,
    items: opened.battery.items.map(({ probe, variant }) => ({ probe: probe.id, category: probe.category, variant })),
    judge,
    confirm,
    lanes: {
      candidate: laneOf(settings.candidate, 'candidate', candidate.answersAtOnce),
      baseline: laneOf(settings.baseline, 'baseline', baseline.answersAtOnce),
      judge: laneOf(settings.judge, 'judge'),
      confirm: { name: 'confirm', limit: null },
    },
    engineConfig: {
      ...limitsOf(settings, opened.recorded),
      judgeError: { youdenLower: labelled ? bestYouden(labelled) : 1, differential: settings.judge.differentialError },
      expectSameModel: settings.expectSameModel,
      recorded: opened.recorded !== null,
      seed: settings.candidate.sampling.seed,
      domain: settings.domain,
      readings: otherReadings(settings.judge.thresholds),
    },
  };
}

/** Recorded scores cost nothing: all of them are used, and there is nothing to limit. */
function limitsOf({ verdict, maxAnswers }: Settings, recorded: Recorded | null) {
  const settings = recorded?.order === 'none' ? { ...verdict, maxBlocks: 'auto' as const } : verdict;
  return { settings, maxAnswers: recorded?.order === 'none' ? null : maxAnswers };
}

async function planLive(settings: Settings, ports: PlanPorts) {
  const battery = await loadBattery(settings.battery, ports);
  const candidate = await ports.openModel(settings.candidate, 'candidate', ports);
  const baseline = await closingOnError([candidate], () => ports.openModel(settings.baseline, 'baseline', ports));
  return { battery, models: { candidate, baseline }, recorded: null };
}

/** A model may be a process: it must not outlive a failure to open the next one. */
async function closingOnError<T>(opened: readonly { close(): Promise<void> }[], open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    await Promise.allSettled(opened.map((one) => one.close()));
    throw error;
  }
}

/** @throws ConfigError when only one of the two is a recording */
function isReplay({ candidate, baseline, judge }: Settings): boolean {
  const replayed = [candidate, baseline].filter(({ reference }) => reference.startsWith('replay:'));
  if (replayed.length === 1) {
    throw new ConfigError(
      'config.model-reference',
      `candidate: ${JSON.stringify(candidate.reference)} and baseline: ${JSON.stringify(baseline.reference)}: recorded answers can only be compared with recorded answers; give replay:PATH for both`,
    );
  }
  if (judge.reference === 'recorded' && replayed.length === 0) {
    throw new ConfigError(
      'config.judge',
      'judge: recorded takes the scores of recorded answers, but candidate and baseline are no replay:PATH; name an LLM, or embedded',
    );
  }
  return replayed.length === 2;
}

/** More answers in flight than an embedded model draws at a time would only wait in its process. */
function laneOf({ reference }: Pick<ModelSettings, 'reference'>, role: string, atOnce = 1): Lane {
  const unlimited = isServed(reference) || reference === 'recorded' || /^(replay|report):/.test(reference);
  return { name: role, limit: unlimited ? null : atOnce };
}
