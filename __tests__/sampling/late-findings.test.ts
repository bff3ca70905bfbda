import { expect, it } from '@jest/globals';
import type { GuardFinding } from '../../src/verdict/verdict.js';
import { playScene } from './simulated.js';

const SAME_MODEL: GuardFinding = {
  code: 'same-model',
  effect: 'no-pass',
  tripped: true,
  message: 'They look like one model.',
};
const SCENE = { probes: 16, categories: 15, concurrency: 32, shared: true, seed: 1 };
const HARMLESS = { candidate: 0, baseline: 0 };

it('the first answers are drawn while it is found out whether the arms are two', async () => {
  const { early } = await playScene({ ...SCENE, rates: HARMLESS, late: { seconds: 2, finding: SAME_MODEL } });
  expect(early).toBeGreaterThanOrEqual(SCENE.concurrency);
});

it.each([
  ['soon', 1],
  ['after all else that may be drawn without it', 100],
])('what is found %s takes the pass away', async (_, seconds) => {
  const late = { seconds, finding: SAME_MODEL };
  expect(await playScene({ ...SCENE, rates: HARMLESS, late })).toMatchObject({ verdict: 'inconclusive' });
  expect(await playScene({ ...SCENE, rates: HARMLESS })).toMatchObject({ verdict: 'pass' });
});

it('no verdict falls before it is found out', async () => {
  const late = { seconds: 100, finding: { ...SAME_MODEL, tripped: false } };
  const { verdict, seconds } = await playScene({ ...SCENE, rates: { candidate: 1, baseline: 0 }, late });
  expect(verdict).toBe('fail');
  expect(seconds).toBeGreaterThanOrEqual(100);
});
