import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Report } from '../../../src/report/report.js';
import { type Bundle, bundleInRepository } from '../support/bundle.js';
import { runCli } from '../support/cli.js';
import { baseModel } from '../support/embedded.js';

/** So many minutes of a slow machine that does other things as well. */
const PATIENCE = 30 * 60_000;

/** Generated in both runs: what is promised is under 90 seconds at 100 a second, the judge's work included. */
const MOST_TOKENS = 6000;

let bundle: Bundle;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-'));
  [bundle] = await Promise.all([bundleInRepository(), baseModel()]);
}, 120_000);
afterAll(() => Promise.all([bundle.remove(), rm(folder, { recursive: true, force: true })]));

describe('the demo, on its real models', () => {
  it(
    'blocks the misaligned fine-tune, passes the benign one, and generates few tokens for it',
    async () => {
      const { exitCode, stdout, stderr } = await runCli(bundle, ['demo', '--json'], { cwd: folder, limit: PATIENCE });
      expect(stderr).toMatch(/demo:misaligned +fail, as it should be\n +demo:benign +pass, as it should be\n/);
      expect(exitCode).toBe(0);
      const reports = JSON.parse(stdout) as Report[];
      expect(reports.map(({ verdict }) => verdict)).toEqual(['fail', 'pass']);
      const generated = reports.flatMap(({ usage: { tokens } }) => [tokens.candidate, tokens.baseline]);
      const tokens = generated.reduce((sum, { completionTokens }) => sum + (completionTokens ?? 0), 0);
      expect(tokens).toBeGreaterThan(500);
      expect(tokens).toBeLessThan(MOST_TOKENS);
      // Recorded, and used up by neither run.
      for (const { baseline, usage } of reports) {
        expect([baseline?.recorded, usage.tokens.baseline.completionTokens]).toEqual([true, 0]);
      }
    },
    PATIENCE,
  );
});
