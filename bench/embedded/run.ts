import { join } from 'node:path';
import { silentLogger } from '../../src/core/log.js';
import { ensureBaseModel } from '../../src/models/embedded/demo-model/ensure.js';
import { LlamaEngine } from '../../src/models/embedded/llama-engine.js';
import { ONE_BY_ONE, type Spread, spreadOn, thisMachine } from '../../src/models/embedded/parallelism.js';
import type { DrawSpec } from '../../src/models/embedded/protocol.js';
import { median, say } from '../support/figures.mjs';
import { startServer } from './server.js';
import { together } from './together.js';

export interface Options {
  readonly runs: number;
  /** Generated in each run. */
  readonly tokens: number;
  /** The bundle to be measured. */
  readonly dist: string;
}

/** A question that a small model is not done with soon; answers that end early are measured by what they have. */
const QUESTION = 'Count from one to one thousand, in words, every number on a line of its own.';

/** One model's tokens a second, generated and as the whole request takes, prompt included. */
export interface Speed {
  readonly generating: number | null;
  readonly whole: number;
}

/** The bench as `npm run bench:embedded` starts it. @returns the exit code */
export async function run(options: Options): Promise<number> {
  const { dist } = options;
  const modelPath = await ensureBaseModel({ log: silentLogger, environment: process.env });
  const open = (spread: Spread) =>
    LlamaEngine.open(
      { purpose: 'chat', modelPath, lora: null, packageFolder: null, spread },
      { name: 'bench', workerPath: join(dist, 'llama-worker.js'), shared: spread.oneProcess },
    );
  await beside(await open(ONE_BY_ONE), modelPath, options);
  await pair(open, options);
  return 0;
}

/** In turn with llama.cpp's own server. Closes the engine. */
async function beside(engine: LlamaEngine, modelPath: string, { runs, tokens }: Options): Promise<void> {
  const server = await startServer(modelPath);
  try {
    const ours = () => timed(engine, tokens);
    const theirs = () => server.ask(QUESTION, tokens);
    for (const warmUp of [ours, theirs]) await warmUp();
    const [own, peer]: [Speed[], Speed[]] = [[], []];
    for (let turn = 0; turn < runs; turn += 1) {
      // In turn, and each first in every other one, so that a machine that gets busier hits both alike.
      if (turn % 2 === 0) own.push(await ours());
      peer.push(await theirs());
      if (turn % 2 === 1) own.push(await ours());
    }
    print(own, peer);
  } finally {
    await Promise.all([engine.close(), server.close()]);
  }
}

/** Candidate and baseline at once, as a run has them: with a context each, and spread as the gate spreads them here. */
async function pair(open: (spread: Spread) => Promise<LlamaEngine>, { runs, tokens }: Options): Promise<void> {
  const { cores } = thisMachine();
  for (const spread of [ONE_BY_ONE, spreadOn({ cores, gpu: false })]) {
    const engines = [await open(spread), await open(spread)];
    const ask = (engine: LlamaEngine) => engine.answer(MESSAGES, drawOf(tokens));
    const speeds: number[] = [];
    try {
      await together(engines, ask);
      while (speeds.length < runs) speeds.push(await together(engines, ask));
    } finally {
      await Promise.all(engines.map((engine) => engine.close()));
    }
    say(`both models at once on ${cores} cores, contexts each: ${spread.contexts}`, rate(speeds));
  }
}

const MESSAGES = [{ role: 'user', content: QUESTION }] as const;

function drawOf(maxTokens: number): DrawSpec {
  return { temperature: 0, topK: 40, topP: 1, minP: 0, maxTokens, seed: 1 };
}

async function timed(engine: LlamaEngine, maxTokens: number): Promise<Speed> {
  const start = performance.now();
  const { completionTokens } = await engine.answer(MESSAGES, drawOf(maxTokens));
  return { generating: null, whole: (completionTokens * 1000) / (performance.now() - start) };
}

function print(own: readonly Speed[], peer: readonly Speed[]): void {
  const whole = (speeds: readonly Speed[]) => speeds.map((speed) => speed.whole);
  const said = peer.flatMap(({ generating }) => generating ?? []);
  const [ours, theirs] = [median(whole(own)), median(whole(peer))];
  say('embedded (node-llama-cpp, own process)', rate(whole(own)));
  say("llama.cpp's server, the same request", rate(whole(peer)), `ours is ${(ours / theirs).toFixed(2)} of it`);
  if (said.length > 0) say("llama.cpp's server, generation alone, as it says", rate(said));
}

function rate(speeds: readonly number[]): string {
  const [least, most] = [Math.min(...speeds), Math.max(...speeds)];
  return `${median(speeds).toFixed(1)} tokens/s (${least.toFixed(1)} to ${most.toFixed(1)}, ${speeds.length} runs)`;
}
