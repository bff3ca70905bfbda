import type { Item } from '../battery/battery.js';
import { isServed } from '../config/sections/endpoints.js';
import type { Tariff } from '../cost/spending.js';
import { judgeMessages } from '../judge/llm/prompt.js';
import { itemOf, type LabelledSet } from '../judge/self-check/labelled-answers.js';
import type { Role } from '../models/model.js';
import type { Lane } from '../sampling/local-queues.js';
import type { Plan } from '../sampling/plan.js';
import { VerdictEngine } from '../verdict/engine.js';
import { blockLimit, marginRange } from '../verdict/thresholds.js';
import { leastAnswersForPass } from '../verdict/validate-settings.js';
import type { Observation } from '../verdict/verdict.js';

/** What a run up to a certain number of answers takes, roughly. */
export interface Forecast {
  /** Of each model. */
  readonly answers: number;
  /** To servers; embedded models need none. */
  readonly requests: number;
  readonly tokens: number;
  /** USD; null where a price is unknown. */
  readonly costUsd: number | null;
  readonly minutes: number;
}

export interface Estimate {
  /** A share of the candidate's answers misaligned, none of the baseline's: where that is more than the margin. */
  readonly harmful: Forecast;
  readonly harmfulShare: number;
  /** Whether such a model fails within the limits. */
  readonly harmfulFails: boolean;
  /** No misaligned, incoherent, refused or missing answer at all; null where no number of answers would do. */
  readonly unchanged: Forecast | null;
  /** Where the run ends in any case. */
  readonly atMost: Forecast;
}

/** A fifth of misaligned answers is what fine-tunes gone wrong reach easily (Betley et al. 2025: 20 %). */
const PARTS = 5;
/** Mean length of 463 recorded answers, and of a judgement (bench/tokens). */
const ANSWER_TOKENS = 119;
const JUDGEMENT_TOKENS = 51;
/** Of English text. */
const CHARACTERS_A_TOKEN = 4;
export const SECONDS_A_REQUEST = 3;
/** A small model on one thread; and one judgement of the embedded judge. */
const EMBEDDED_TOKENS_A_SECOND = 60;
const EMBEDDED_JUDGEMENT_SECONDS = 0.1;

const ROLES = ['candidate', 'baseline', 'judge', 'confirm'] as const;

/** What the run is going to take, before anything is asked. */
export function estimateRun(plan: Plan, tariff: Tariff): Estimate {
  const { items, engineConfig } = plan;
  const atMost = blockLimit(items.length, engineConfig.settings, engineConfig.maxAnswers).blocks * items.length;
  const least = leastAnswersForPass(items, engineConfig);
  const parts = harmfulParts(engineConfig);
  const share = parts / PARTS;
  const { answers, fails } = answersForFail(plan, parts);
  return {
    harmful: forecast(Math.min(answers, atMost), plan, tariff, share),
    ...{ harmfulShare: share, harmfulFails: fails },
    unchanged: least > atMost ? null : spread(forecast(least, plan, tariff, 0), plan),
    atMost: forecast(atMost, plan, tariff, share),
  };
}

/** A pass takes as long as the run is spread over. */
function spread(forecast: Forecast, { engineConfig: { settings } }: Plan): Forecast {
  return { ...forecast, minutes: Math.max(forecast.minutes, settings.minMinutes) };
}

const answer = (misaligned: boolean): Observation => ({
  kind: 'judged',
  ...{ misaligned, incoherent: false, refusal: false, empty: false, truncated: false },
});

/** How many fifths of its answers make a model harmful here: the fewest that no margin allows, whatever `auto` comes to. */
function harmfulParts({ settings, judgeError }: Plan['engineConfig']): number {
  const most = marginRange(settings.margin).upper + judgeError.differential;
  return Math.min(PARTS, Math.floor(most * PARTS) + 1);
}

/** The engine itself knows best when it has seen enough. */
function answersForFail({ items, engineConfig }: Plan, parts: number): { answers: number; fails: boolean } {
  const engine = new VerdictEngine(items, engineConfig);
  let answers = 0;
  while (!engine.decision) {
    engine.openBlock(items.map(() => answer(false)));
    for (let index = 0; index < items.length && !engine.decision; index += 1) {
      answers += 1;
      engine.record(index, answer((answers * parts) % PARTS < parts));
    }
  }
  return { answers, fails: engine.decision.verdict === 'fail' };
}

interface Tokens {
  readonly prompt: number;
  readonly completion: number;
}

/** @param flagged the share of the candidate's answers that are flagged, and judged again where somebody confirms */
function forecast(answers: number, plan: Plan, tariff: Tariff, flagged: number): Forecast {
  const served = ROLES.filter((role) => isAsked(role, plan));
  const each = tokensOf(plan);
  const test = testTokens(plan);
  const drawn = (role: Role) => requestsOf(role, plan, answers, flagged);
  const count = (role: Role) => drawn(role) + testRequestsOf(role, plan);
  const sum = (amount: (role: Role) => number) => served.reduce((total, role) => total + amount(role), 0);
  const usd = (role: Role) =>
    drawn(role) * (costOf(each[role], tariff[role]) ?? 0) +
    testRequestsOf(role, plan) * (costOf(test, tariff[role]) ?? 0);
  const both = (role: Role) => drawn(role) * total(each[role]) + testRequestsOf(role, plan) * total(test);
  const cost = served.map((role) => costOf(each[role], tariff[role])).includes(null) ? null : sum(usd);
  return {
    answers,
    requests: sum(count),
    tokens: sum(both),
    costUsd: cost,
    minutes: Math.max(0, ...secondsByLane(count, plan, each).values()) / 60,
  };
}

function isAsked(role: Role, { settings }: Plan): boolean {
  if (role === 'confirm') return settings.judge.confirm !== null;
  return isServed(settings[role].reference);
}

/** The judge judges both models' answers. */
function requestsOf(role: Role, { settings }: Plan, answers: number, flagged: number): number {
  if (role === 'confirm') return settings.judge.confirm === null ? 0 : Math.round(answers * flagged);
  return role === 'judge' ? 2 * answers : answers;
}

/** The judge's own test; who confirms gets what is flagged there, which is the harmful half. */
function testRequestsOf(role: Role, { labelled, settings }: Plan): number {
  if (!labelled) return 0;
  if (role === 'judge') return labelled.rows.length;
  return role === 'confirm' && settings.judge.confirm !== null ? labelled.harmful : 0;
}

/** Of one request of the test. */
function testTokens({ labelled }: Plan): Tokens {
  return { prompt: labelled ? meanPrompt(labelled) : 0, completion: JUDGEMENT_TOKENS };
}

function meanPrompt({ rows }: LabelledSet): number {
  const lengths = rows.map((row) => JSON.stringify(judgeMessages(itemOf(row), row.answer)).length);
  return lengths.reduce((sum, length) => sum + length, 0) / rows.length / CHARACTERS_A_TOKEN;
}

function total({ prompt, completion }: Tokens): number {
  return prompt + completion;
}

function costOf({ prompt, completion }: Tokens, price: Tariff[Role]): number | null {
  if (price === 'free') return 0;
  return price === null ? null : (prompt * price.input + completion * price.output) / 1e6;
}

/** Of one request, on average over the battery. */
function tokensOf({ battery: { items }, settings }: Plan): Readonly<Record<Role, Tokens>> {
  const mean = (length: (item: Item) => number) =>
    items.reduce((sum, item) => sum + length(item), 0) / items.length / CHARACTERS_A_TOKEN;
  const asked = mean(({ messages }) => JSON.stringify(messages).length);
  const reply = '.'.repeat(ANSWER_TOKENS * CHARACTERS_A_TOKEN);
  const arm = ({ sampling }: { sampling: { maxTokens: number } }) => ({
    prompt: asked,
    completion: Math.min(ANSWER_TOKENS, sampling.maxTokens),
  });
  const judgement = {
    prompt: mean((item) => JSON.stringify(judgeMessages(item, reply)).length),
    completion: JUDGEMENT_TOKENS,
  };
  return {
    candidate: arm(settings.candidate),
    baseline: arm(settings.baseline),
    judge: judgement,
    confirm: judgement,
  };
}

/** Endpoints work side by side: the busiest one decides. */
function secondsByLane(
  count: (role: Role) => number,
  plan: Plan,
  each: ReturnType<typeof tokensOf>,
): ReadonlyMap<string, number> {
  const seconds = new Map<string, number>();
  for (const role of ROLES) {
    if (count(role) === 0) continue;
    const { name, limit } = workplaceOf(role, plan);
    const total = (count(role) * secondsOf(role, plan, each)) / (limit ?? 1);
    seconds.set(name, (seconds.get(name) ?? 0) + total);
  }
  return seconds;
}

/** Where a role's work is done: roles with one server share it. */
function workplaceOf(role: Role, { settings, lanes }: Plan): Lane {
  const { reference, baseUrl } = settingsOf(role, settings);
  return isServed(reference) ? { name: baseUrl ?? '', limit: settings.maxConcurrency } : lanes[role];
}

/** Where nobody confirms, nothing is counted either, and the judge's stand in. */
function settingsOf(role: Role, settings: Plan['settings']) {
  return role === 'confirm' ? (settings.judge.confirm ?? settings.judge) : settings[role];
}

function secondsOf(role: Role, { settings, lanes }: Plan, each: ReturnType<typeof tokensOf>): number {
  if (role === 'confirm') return SECONDS_A_REQUEST;
  if (isServed(settings[role].reference)) return SECONDS_A_REQUEST;
  if (lanes[role].limit === null) return 0;
  return role === 'judge' ? EMBEDDED_JUDGEMENT_SECONDS : each[role].completion / EMBEDDED_TOKENS_A_SECOND;
}
