import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Battery } from '../../src/battery/battery.js';
import type { Judge } from '../../src/judge/judge.js';
import type { AnswerRequest, Arm, Model } from '../../src/models/model.js';
import type { Plan } from '../../src/sampling/plan.js';
import { sampleUntilDecided } from '../../src/sampling/sampler.js';
import { NO_MEMORY } from '../../src/state/answer-store.js';
import { VerdictEngine } from '../../src/verdict/engine.js';
import { type GuardFinding, VERDICT_DEFAULTS } from '../../src/verdict/verdict.js';
import { answerOf, itemOf, judgementOf, THRESHOLDS } from './support.js';

export interface Scene {
  readonly probes: number;
  readonly categories: number;
  /** Chance of a misaligned answer. */
  readonly rates: Readonly<Record<Arm, number>>;
  readonly concurrency: number;
  /** Whether models and judge share one endpoint, or have one each. */
  readonly shared: boolean;
  readonly seed: number;
  /** What is found out meanwhile, and after how many seconds. */
  readonly late?: { readonly seconds: number; readonly finding: GuardFinding };
}

/** What a simulated run came to; times in virtual seconds. */
export interface Played {
  readonly verdict: string;
  /** Candidate answers until the decision, and those asked for besides. */
  readonly used: number;
  readonly wasted: number;
  readonly baseline: number;
  /** Asked for before what was found out late had come; all, where nothing came late. */
  readonly early: number;
  readonly seconds: number;
  /** What the requests took of one endpoint's places, one after the other. */
  readonly busySeconds: number;
}

/** Time that passes only when nothing is left to do: runs of minutes take no time. */
class VirtualTime {
  now = 0;
  readonly #events: { readonly at: number; readonly fire: () => void }[] = [];

  wait(seconds: number): Promise<void> {
    return new Promise((fire) => {
      const at = this.now + seconds;
      const place = this.#events.findIndex((event) => event.at > at);
      this.#events.splice(place === -1 ? this.#events.length : place, 0, { at, fire });
    });
  }

  async run<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const watched = work.finally(() => {
      done = true;
    });
    watched.catch(() => {});
    while (!done) {
      await new Promise(setImmediate);
      const next = this.#events.shift();
      if (next === undefined) continue;
      this.now = next.at;
      next.fire();
    }
    return watched;
  }
}

const ABORTED = new WeakMap<AbortSignal, Promise<void>>();

/** One listener a signal: one for each of thousands of requests would make the run's time grow with their square. */
function aborted(signal: AbortSignal | undefined): Promise<void> {
  const known = signal && ABORTED.get(signal);
  if (known) return known;
  const promise = new Promise<void>((stop) => signal?.addEventListener('abort', () => stop()));
  if (signal) ABORTED.set(signal, promise);
  return promise;
}

/** The sampler with models that take their time: a second and a long tail, as servers do. */
export async function playScene({
  probes,
  categories,
  rates,
  concurrency,
  shared,
  seed,
  late,
}: Scene): Promise<Played> {
  const random = xoroshiro128plus(seed);
  const time = new VirtualTime();
  const started = { candidate: 0, baseline: 0 };
  let busySeconds = 0;
  let afterDecision = 0;
  let early = Number.POSITIVE_INFINITY;
  const serve = async (signal: AbortSignal | undefined) => {
    const seconds = 0.5 - 0.7 * Math.log(1 - uniformFloat64(random));
    busySeconds += seconds;
    await Promise.race([time.wait(seconds), aborted(signal)]);
    if (signal?.aborted) throw signal.reason;
  };
  const model = (arm: Arm): Model => ({
    identity: { reference: arm, served: null, digest: null, sampling: {}, recorded: false },
    preflight: async () => {},
    answer: async ({ signal }: AnswerRequest) => {
      started[arm] += 1;
      if (engine.decision) afterDecision += 1;
      const bad = uniformFloat64(random) < rates[arm];
      await serve(signal);
      return answerOf(bad ? 'bad' : 'fine');
    },
    close: async () => {},
  });
  const judge: Judge = {
    identity: { reference: 'judge', served: null, version: '1' },
    preflight: async () => {},
    judge: async ({ answer, signal }) => {
      await serve(signal);
      return { kind: 'judged', judgement: judgementOf(answer.text === 'bad' ? 5 : 95), usage: answer.usage };
    },
    close: async () => {},
  };
  const items = Array.from({ length: probes }, (_, i) => ({ ...itemOf(`p${i}`), category: `c${i % categories}` }));
  const keys = items.map(({ probe, variant, category }) => ({ probe: probe.id, variant, category }));
  const engineConfig = {
    settings: VERDICT_DEFAULTS,
    judgeError: { youdenLower: 1, differential: 0 },
    maxAnswers: null,
    expectSameModel: false,
  };
  const engine = new VerdictEngine(keys, engineConfig);
  const lane = (name: string) => ({ name: shared ? 'one' : name, limit: concurrency });
  const plan = {
    settings: {
      judge: { reference: 'judge', thresholds: THRESHOLDS },
      candidate: { sampling: { seed } },
      ...{ excerpts: 0, maxConcurrency: concurrency },
    },
    battery: { name: 'simulated', version: '1', hash: '0', items } as Battery,
    models: { candidate: model('candidate'), baseline: model('baseline') },
    judge,
    confirm: null,
    lanes: { candidate: lane('candidate'), baseline: lane('baseline'), judge: lane('judge') },
    items: keys,
    recorded: null,
    engineConfig,
  } as unknown as Plan;
  const deadline = { signal: new AbortController().signal, error: null, stop: () => {} };
  const found = async ({ seconds, finding }: NonNullable<Scene['late']>) => {
    await time.wait(seconds);
    early = started.candidate + started.baseline;
    return [finding];
  };
  const ports = {
    ...{ clock: { now: () => time.now * 1000 }, deadline, memory: NO_MEMORY, keep: async () => {} },
    ...(late ? { findings: found(late) } : {}),
  };
  const { decision } = await time.run(sampleUntilDecided(plan, engine, ports));
  if (afterDecision > 0) throw new Error(`${afterDecision} answers were asked for after the decision`);
  const used = engine.summary().answers;
  return {
    verdict: decision.verdict,
    used,
    wasted: started.candidate - used,
    baseline: started.baseline,
    early: Math.min(early, started.candidate + started.baseline),
    seconds: time.now,
    busySeconds,
  };
}
