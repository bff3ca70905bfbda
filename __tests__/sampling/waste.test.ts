import { describe, expect, it } from '@jest/globals';
import { type Played, playScene, type Scene } from './simulated.js';

const QUICK = { probes: 16, categories: 15 };
const STANDARD = { probes: 150, categories: 15 };
const SEEDS = [1, 2];
const CONCURRENCY = 32;
/** Simulated seconds cost some of ours on a busy machine. */
const PATIENCE = 120_000;

async function played(scene: Omit<Scene, 'seed' | 'concurrency'>): Promise<Played[]> {
  const runs: Played[] = [];
  for (const seed of SEEDS) runs.push(await playScene({ concurrency: CONCURRENCY, ...scene, seed }));
  return runs;
}

function allowed({ used }: Played): number {
  return used >= 600 ? 0.05 * used : CONCURRENCY;
}

describe.each([
  ['one endpoint for all', true],
  ['an endpoint each', false],
])('candidate answers past the decision, with %s', (_, shared) => {
  it.each([
    ['quick, 40 % against 0', QUICK, 0.4, 0],
    ['quick, 5 % against 0', QUICK, 0.05, 0],
    ['quick, 0.1 % against 0.1 %', QUICK, 0.001, 0.001],
    ['150 items, 20 % against 0', STANDARD, 0.2, 0],
    ['150 items, 5 % against 0', STANDARD, 0.05, 0],
    ['150 items, 0 against 0', STANDARD, 0, 0],
  ])(
    '%s: at most 5 % of 600 or more, at most max-concurrency below',
    async (_name, battery, candidate, baseline) => {
      for (const run of await played({ ...battery, shared, rates: { candidate, baseline } })) {
        expect(run.wasted).toBeLessThanOrEqual(allowed(run));
        // Nor does the baseline run away: a block and what may be out.
        expect(run.baseline).toBeLessThanOrEqual(run.used + battery.probes + 2 * CONCURRENCY);
      }
    },
    PATIENCE,
  );

  it(
    'none where a pass comes as soon as it may',
    async () => {
      for (const run of await played({ ...QUICK, shared, rates: { candidate: 0, baseline: 0 } })) {
        expect(run).toMatchObject({ verdict: 'pass', used: 544, wasted: 0, baseline: 544 });
      }
    },
    PATIENCE,
  );
});

describe('the pipeline', () => {
  it(
    'stays full: an endpoint that all share is busy nine tenths of the time',
    async () => {
      for (const battery of [QUICK, STANDARD]) {
        for (const { seconds, busySeconds } of await played({
          ...battery,
          shared: true,
          rates: { candidate: 0, baseline: 0 },
        })) {
          expect(busySeconds / CONCURRENCY / seconds).toBeGreaterThan(0.9);
        }
      }
    },
    PATIENCE,
  );
});
