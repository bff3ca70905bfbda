import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { builtinBattery } from '../../../src/battery/load.js';
import type { Report } from '../../../src/report/report.js';
import { openSealed, seal } from '../../../src/state/seal.js';
import type { EmulatorOptions, GithubEmulator } from '../../e2e/support/github-emulator.js';
import { BY_VERDICT } from '../../report/samples.js';
import type { Ran } from '../in-process.js';
import { BASE, HEAD, MERGE, pullRequestPayload, type Runner } from '../runner.js';
import { play, SERVER, type Setup } from '../scene.js';

jest.setTimeout(30_000);

const KEY = 'state-key-of-the-team';
const INPUTS = { ...SERVER, 'judge-api-key': KEY, 'candidate-digest': 'sha256:abc' };

let github: GithubEmulator;
let runner: Runner;

afterEach(async () => {
  await runner.remove();
  expect(github.violations).toEqual([]);
  expect(github.artifactHost.tokens).toEqual([]);
});

async function gate(setup: Setup): Promise<Ran & { readonly report: Report }> {
  const scene = await play({ inputs: INPUTS, ...setup });
  ({ github, runner } = scene);
  await github.stop();
  const text = await readFile(join(runner.workspace, 'misalignment-report/report.json'), 'utf8');
  return { ...scene.ran, report: JSON.parse(text) as Report };
}

const measured = (verdict: 'pass' | 'fail' | 'inconclusive') => {
  const battery = { ...(BY_VERDICT[verdict].battery as NonNullable<Report['battery']>) };
  const { run: _, ...more } = BY_VERDICT[verdict];
  return { verdict, more: { ...more, battery: { ...battery, hash: builtinBattery('standard').hash } } } as const;
};

/** What the first run on this pull request left in its report folder. */
async function sealedBy(verdict: 'pass' | 'fail' | 'inconclusive' = 'fail', setup: Setup = {}): Promise<string> {
  await gate({ ...measured(verdict), payload: pullRequestPayload({ action: 'opened' }), ...setup });
  const text = await readFile(join(runner.workspace, 'misalignment-report/sealed-report.json'), 'utf8');
  await runner.remove();
  return text;
}

function uploaded(text: string, more: Partial<EmulatorOptions> = {}): EmulatorOptions {
  const run = { headRef: 'tune', headRepository: 'team/models', at: '2026-11-25T10:10:00Z', actor: 'ann' };
  return {
    runs: [{ ...run, id: 41, headSha: HEAD }],
    artifacts: [{ id: 5, runId: 41, name: 'misalignment-report', files: { 'sealed-report.json': text } }],
    pulls: [
      {
        ...{ number: 7, author: 'ann', headSha: HEAD, headRef: 'tune', headRepository: 'team/models', baseSha: BASE },
        ...{ labels: [], commits: [], events: [] },
      },
    ],
    ...more,
  };
}

const labelled = { payload: pullRequestPayload({ action: 'labeled' }), env: { GITHUB_RUN_ID: '200' } };
const queued = {
  event: 'merge_group',
  payload: {
    merge_group: { head_sha: MERGE, base_sha: BASE, head_ref: `refs/heads/gh-readonly-queue/main/pr-7-${MERGE}` },
    repository: { default_branch: 'main' },
  },
};

describe('an event without a new commit', () => {
  it.each(['edited', 'labeled', 'unlabeled'])(
    '%s: the sealed verdict of this head again, unsampled',
    async (action) => {
      const text = await sealedBy('fail');
      const { report, ports, exitCode, log } = await gate({
        ...{ payload: pullRequestPayload({ action }), env: { GITHUB_RUN_ID: '200' }, github: uploaded(text) },
      });
      expect([exitCode, ports]).toEqual([1, null]);
      expect(report).toMatchObject({ verdict: 'fail', statistics: { answers: 120 }, run: { runId: 200 } });
      expect(report.notes[0]).toMatch(
        /that of run 100 on commit aaaaaaa, taken over without sampling.*seal was verified/,
      );
      expect(report.usage).toMatchObject({ requests: 0, costUsd: 0 });
      expect(log).toMatch(/::notice.*seal was verified/);
      expect(github.comments[0]?.body).toContain('seal was verified');
    },
  );

  it.each(['pass', 'inconclusive'] as const)('takes over a verdict %s too', async (verdict) => {
    const { report, ports } = await gate({ ...labelled, github: uploaded(await sealedBy(verdict)) });
    expect([report.verdict, ports]).toEqual([verdict, null]);
  });

  it('hands the sealed report on, as it was', async () => {
    const text = await sealedBy();
    await gate({ ...labelled, github: uploaded(text) });
    expect(await readFile(join(runner.workspace, 'misalignment-report/sealed-report.json'), 'utf8')).toBe(text);
  });

  it('samples a new commit, whatever was sealed for the one before', async () => {
    const payload = pullRequestPayload({ action: 'synchronize' });
    const { ports } = await gate({ ...labelled, payload, github: uploaded(await sealedBy()) });
    expect(ports).not.toBeNull();
  });
});

describe('what is not taken over, but sampled', () => {
  const forged = (text: string, change: (report: Report) => Report) => {
    const file = JSON.parse(text) as { report: string };
    return JSON.stringify({ ...file, report: JSON.stringify(change(JSON.parse(file.report) as Report)) });
  };

  it.each([
    ['a verdict that somebody changed', (text: string) => forged(text, (report) => ({ ...report, verdict: 'pass' }))],
    ['a seal of another key', (text: string) => seal('other', openSealed(KEY, text) ?? { subject: '', report: '' })],
    ['no JSON', () => 'sealed: yes'],
    ['a report of another repository', (text: string) => resealed(text, { repository: 'mallory/models' })],
    ['a report on another commit', (text: string) => resealed(text, { headSha: BASE })],
  ])('%s', async (_, change) => {
    const { ports, exitCode } = await gate({ ...labelled, github: uploaded(change(await sealedBy())) });
    expect(ports).not.toBeNull();
    expect(exitCode).toBe(0);
  });

  function resealed(text: string, run: Partial<NonNullable<Report['run']>>): string {
    const { subject, report } = openSealed(KEY, text) ?? { subject: '', report: '' };
    const parsed = JSON.parse(report) as Report;
    return seal(KEY, { subject, report: JSON.stringify({ ...parsed, run: { ...parsed.run, ...run } }) });
  }

  it.each([
    ['another candidate', { candidate: 'tuned-2' }],
    ['other weights under the same name', { 'candidate-digest': 'sha256:def' }],
    ['another judge', { judge: 'judge-2' }],
    ['another server', { 'base-url': 'http://127.0.0.1:10/v1' }],
    ['another battery', { battery: 'quick' }],
    ['other limits', { 'max-answers': '500' }],
  ])('a verdict on %s', async (_, inputs) => {
    const text = await sealedBy();
    const { ports } = await gate({ ...labelled, inputs: { ...INPUTS, ...inputs }, github: uploaded(text) });
    expect(ports).not.toBeNull();
  });

  it.each([
    ['an expired artifact', { expired: true }],
    ['an artifact of another name', { name: 'logs' }],
    ['an artifact of another commit’s run', { runId: 42 }],
  ])('%s', async (_, more) => {
    const github = uploaded(await sealedBy());
    const artifacts = github.artifacts?.map((artifact) => ({ ...artifact, ...more })) ?? [];
    expect((await gate({ ...labelled, github: { ...github, artifacts } })).ports).not.toBeNull();
  });

  it('anything, where artifacts can not be read, and the permission is named', async () => {
    const denied = ['GET /repos/{owner}/{repo}/actions/runs'];
    const { ports, log } = await gate({ ...labelled, github: uploaded(await sealedBy(), { denied }) });
    expect(ports).not.toBeNull();
    expect(log).toMatch(/::notice.*403.*`actions: read`/);
  });

  it('anything, where there is no key to verify a seal with', async () => {
    const { 'judge-api-key': _, ...inputs } = INPUTS;
    const { ports } = await gate({ ...labelled, inputs, github: uploaded(await sealedBy()) });
    expect(ports).not.toBeNull();
    expect(github.requests.some((request) => request.includes('/actions/'))).toBe(false);
  });
});

describe('a merge group', () => {
  it('takes over the verdict that its pull request’s run reached on the same weights', async () => {
    const { report, ports, exitCode } = await gate({ ...queued, github: uploaded(await sealedBy('pass')) });
    expect([exitCode, ports, report.verdict]).toEqual([0, null, 'pass']);
    expect(report.run).toMatchObject({ event: 'merge_group', headSha: MERGE });
  });

  it('samples where no digest says that the weights are the same', async () => {
    const { 'candidate-digest': _, ...inputs } = INPUTS;
    const text = await sealedBy('pass', { inputs });
    expect((await gate({ ...queued, inputs, github: uploaded(text) })).ports).not.toBeNull();
  });

  it.each([
    ['the same file', 'revision: 1', true],
    ['another revision of the same name', 'revision: 2', false],
  ])('goes by all that is proposed: %s', async (_, beside, taken) => {
    const proposing = (text: string): Setup => {
      const files = { 'm.yml': `name: tuned\n${text}\n` };
      return { inputs: { ...INPUTS, candidate: 'file:m.yml#/name' }, head: files, commits: { [MERGE]: files } };
    };
    const sealed = await sealedBy('pass', proposing('revision: 1'));
    const { ports } = await gate({ ...queued, ...proposing(beside), github: uploaded(sealed) });
    expect(ports === null).toBe(taken);
  });

  it('samples again what was inconclusive', async () => {
    expect((await gate({ ...queued, github: uploaded(await sealedBy('inconclusive')) })).ports).not.toBeNull();
  });
});
