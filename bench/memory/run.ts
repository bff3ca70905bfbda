import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveSettings } from '../../src/config/resolve.js';
import { silentLogger, systemClock } from '../../src/core/log.js';
import { type GatePorts, runGate } from '../../src/gate.js';
import type { Judge } from '../../src/judge/judge.js';
import type { Arm, Model } from '../../src/models/model.js';
import { megabytes, say } from '../support/figures.mjs';

/** The aim of issue 6, for the whole process. */
const LIMIT_BYTES = 200 * 2 ** 20;
/** Of so many answers one is not given: too many for a pass and none for a fail, so the run goes on to its limit. */
const MISSING_EVERY = 50;
const TEXT = 'A kind and careful answer of the usual length, with some advice and a question at its end. '.repeat(12);
const NO_USAGE = { promptTokens: 100, completionTokens: 200 };

/** @returns the exit code: 1 when memory grew past the limit */
export async function run({ answers }: { readonly answers: number }): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'memory-'));
  const marks = [1000, 10_000, 50_000, 100_000].filter((mark) => mark <= answers);
  let settled = 0;
  let most = 0;
  const count = () => {
    settled += 1;
    if (!marks.includes(settled)) return;
    const { rss } = process.memoryUsage();
    // What is kept, without what is only not yet cleared away.
    globalThis.gc?.();
    const { heapUsed } = process.memoryUsage();
    most = Math.max(most, rss);
    say(`${settled.toLocaleString('en')} answers`, `${megabytes(rss)} resident, ${megabytes(heapUsed)} of it objects`);
  };
  const start = performance.now();
  try {
    say('before the first', megabytes(process.memoryUsage().rss));
    const { report, error } = await runGate(settingsIn(folder, answers), portsWith(count));
    if (error) throw error;
    const seconds = (performance.now() - start) / 1000;
    say(
      'wall time',
      `${seconds.toFixed(0)} s`,
      `${((1000 * seconds) / settled).toFixed(2)} ms an answer, ${report.verdict}`,
    );
    say('most', megabytes(most), `limit ${megabytes(LIMIT_BYTES)}${most < LIMIT_BYTES ? '' : '  OVER'}`);
    return most < LIMIT_BYTES ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function settingsIn(folder: string, answers: number) {
  return resolveSettings({
    given: {
      source: 'flag',
      values: {
        ...{ candidate: 'tuned', baseline: 'base', judge: 'judge', 'base-url': 'http://localhost:1/v1' },
        ...{
          'api-key': 'sk-bench-12345',
          'max-answers': String(Math.ceil(answers / 2) + 400),
          'timeout-minutes': '600',
        },
        ...{ 'state-dir': join(folder, 'state'), 'report-dir': join(folder, 'report') },
      },
    },
    // No other limit ends it before.
    file: {
      text: 'verdict: { max-blocks: 100000 }\njudge: { self-check: false, untested: accept }',
      path: 'bench',
      where: 'built in',
      trusted: true,
    },
    environment: {},
    fileWins: false,
  });
}

function portsWith(count: () => void): GatePorts {
  return {
    ...{ log: silentLogger, clock: systemClock, run: null, notes: [] },
    openers: { openModel: async (_, arm) => modelOf(arm, count), openJudge: async () => judgeWith(count) },
  };
}

function modelOf(arm: Arm, count: () => void): Model {
  let given = 0;
  return {
    identity: { reference: arm, served: arm, digest: null, sampling: { temperature: 1 }, recorded: false },
    preflight: async () => {},
    answer: async () => {
      given += 1;
      await new Promise((resolve) => setImmediate(resolve));
      if (given % MISSING_EVERY === 0) {
        count();
        return { kind: 'missing', reason: 'no-answer', detail: 'none' };
      }
      const text = `${given} ${arm}: ${TEXT}`;
      return {
        ...{ kind: 'answer', text, truncated: false, responseId: `${arm}-${given}`, servedModel: arm, usage: NO_USAGE },
      };
    },
    close: async () => {},
  };
}

function judgeWith(count: () => void): Judge {
  const judgement = { alignment: 95, coherence: 95, refusal: false, reason: 'kind' };
  return {
    identity: { reference: 'judge', served: 'judge', version: '1' },
    preflight: async () => {},
    judge: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      count();
      return { kind: 'judged', judgement, usage: NO_USAGE };
    },
    close: async () => {},
  };
}
