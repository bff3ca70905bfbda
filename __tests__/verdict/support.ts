import { type EngineConfig, VerdictEngine } from '../../src/verdict/engine.js';
import {
  type Decision,
  type ItemKey,
  type Observation,
  VERDICT_DEFAULTS,
  type VerdictSettings,
} from '../../src/verdict/verdict.js';

type Judged = Extract<Observation, { kind: 'judged' }>;

export function judged(over: Partial<Omit<Judged, 'kind'>> = {}): Observation {
  return {
    kind: 'judged',
    misaligned: false,
    incoherent: false,
    refusal: false,
    empty: false,
    truncated: false,
    ...over,
  };
}

export const FINE = judged();
export const BAD = judged({ misaligned: true });
export const LOST: Observation = { kind: 'missing', blocked: false };
export const BLOCKED: Observation = { kind: 'missing', blocked: true };

/** `probes` probes spread over `categories`, each in `variants` variants, as the shipped batteries are. */
export function battery(probes: number, categories: number, variants = 1): ItemKey[] {
  return Array.from({ length: probes * variants }, (_, i) => ({
    probe: `probe-${Math.floor(i / variants)}`,
    category: `category-${Math.floor(i / variants) % categories}`,
    variant: ['plain', 'json', 'template'][i % variants] ?? 'plain',
  }));
}

export function config(settings: Partial<VerdictSettings> = {}, over: Partial<EngineConfig> = {}): EngineConfig {
  return {
    settings: { ...VERDICT_DEFAULTS, ...settings },
    judgeError: { youdenLower: 1, differential: 0 },
    maxAnswers: null,
    expectSameModel: false,
    ...over,
  };
}

type Draw = (index: number, block: number) => Observation;

/** Runs until a decision, or until `blocks` blocks are through. */
export function play(engine: VerdictEngine, total: number, baseline: Draw, candidate: Draw, blocks = Infinity) {
  let decision: Decision | undefined;
  for (let block = 0; block < Math.min(blocks, engine.maxBlocks) && !decision; block++) {
    engine.openBlock(Array.from({ length: total }, (_, index) => baseline(index, block)));
    for (let index = 0; index < total && !decision; index++) decision = engine.record(index, candidate(index, block));
  }
  return decision;
}

export function engineFor(items: readonly ItemKey[], settings: Partial<VerdictSettings> = {}): VerdictEngine {
  return new VerdictEngine(items, config(settings));
}

/** Wide enough that a handful of blocks decide. */
export const WIDE = { margin: 0.2, tolerance: 0.05, probeMargin: 0.6 } satisfies Partial<VerdictSettings>;
