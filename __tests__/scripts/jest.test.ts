import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readCounts } from '../../scripts/support/jest.mjs';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counts-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const GREEN = {
  success: true,
  numPassedTests: 10,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
};

async function counts(results: object) {
  const path = join(folder, 'results.json');
  await writeFile(path, JSON.stringify({ ...GREEN, ...results }));
  return readCounts(path);
}

describe('the counts of a test run', () => {
  it('are jest’s own', async () => {
    expect(await counts({ success: false, numFailedTests: 2, numPendingTests: 3, numTodoTests: 1 })).toEqual({
      passed: 10,
      failed: 2,
      skipped: 4,
    });
  });

  it('are all passed where jest says so', async () => {
    expect(await counts({})).toEqual({ passed: 10, failed: 0, skipped: 0 });
  });

  it('count a file that would not load as a failure', async () => {
    expect(await counts({ success: false, numRuntimeErrorTestSuites: 1 })).toMatchObject({ failed: 1 });
  });

  it('show a failure where jest failed by something else than a test', async () => {
    expect(await counts({ success: false })).toMatchObject({ failed: 1 });
  });

  it('show a failure where no test ran', async () => {
    expect(await counts({ numPassedTests: 0 })).toMatchObject({ failed: 1 });
  });

  it('show a failure where the run left no results or half of them', async () => {
    expect(await readCounts(join(folder, 'none.json'))).toEqual({ passed: 0, failed: 1, skipped: 0 });
    await writeFile(join(folder, 'half.json'), '{"success": tr');
    expect(await readCounts(join(folder, 'half.json'))).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
