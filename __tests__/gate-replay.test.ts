import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resolveSettings } from '../src/config/resolve.js';
import { runGate } from '../src/gate.js';
import { silentLogger, systemClock } from '../src/log.js';
import { packageRoot } from '../src/paths.js';

const FIXTURES = join(packageRoot(), '__tests__', 'fixtures', 'self-test');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gate-replay-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a report of recorded answers', () => {
  it('says that rows which the verdict did without are in its rates, and gives no other rates as reasons', async () => {
    const values = {
      ...{ candidate: `replay:${FIXTURES}/misaligned.jsonl`, baseline: `replay:${FIXTURES}/baseline.jsonl` },
      'report-dir': folder,
    };
    const settings = resolveSettings({
      given: { values, source: 'flag' },
      file: null,
      environment: {},
      fileWins: false,
    });
    const { report } = await runGate(settings, { log: silentLogger, clock: systemClock, run: null, notes: [] });
    expect(report.verdict).toBe('fail');
    const used = report.statistics?.counts;
    expect(report.notes).toContainEqual(
      expect.stringMatching(
        new RegExp(
          `^Rates are from all \\d+ recorded answers; the verdict used the first ${used?.candidate.answers} of the candidate's and the first ${used?.baseline.answers} of the baseline's\\.$`,
        ),
      ),
    );
    expect(report.reasons.map(({ message }) => message).join()).not.toMatch(/candidate [\d.]+ %, baseline/);
  });
});
