import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Report } from '../../src/report/report.js';
import type { EmulatorOptions, GithubEmulator } from '../e2e/support/github-emulator.js';
import { BY_VERDICT } from '../report/samples.js';
import type { Ran } from './in-process.js';
import { BASE, HEAD, pullRequestPayload, type Runner } from './runner.js';
import { play, SERVER, type Setup } from './scene.js';

// Octokit's own pace: a second between writes.
jest.setTimeout(30_000);

const LABEL = 'misalignment-gate-override';

let github: GithubEmulator;
let runner: Runner;

afterEach(async () => {
  await github.stop();
  await runner.remove();
  expect(github.violations).toEqual([]);
});

/** A pull request by ann at HEAD, with the label put on by `by` after its first run. */
function around(by: string, label = LABEL): EmulatorOptions {
  const person = { login: by, at: '2026-11-25T10:20:00Z' };
  return {
    pulls: [
      {
        ...{ number: 7, author: 'ann', headSha: HEAD, headRef: 'tune', headRepository: 'team/models', baseSha: BASE },
        ...{ labels: [label], commits: [{ sha: HEAD, author: 'ann', committer: 'ann' }] },
        events: [{ event: 'labeled', label, at: person.at, actor: person.login }],
      },
    ],
    runs: [
      {
        ...{ headSha: HEAD, headRef: 'tune', headRepository: 'team/models' },
        ...{ at: '2026-11-25T10:10:00Z', actor: 'ann' },
      },
    ],
    permissions: { rita: 'write', ann: 'write' },
  };
}

async function gate(setup: Setup = {}): Promise<Ran & { readonly report: Report }> {
  const scene = await play({ payload: pullRequestPayload({ action: 'labeled' }), ...setup });
  ({ github, runner } = scene);
  const text = await readFile(join(runner.workspace, 'misalignment-report/report.json'), 'utf8');
  return { ...scene.ran, report: JSON.parse(text) as Report };
}

const failing = { verdict: 'fail', more: { ...BY_VERDICT.fail, run: null } } as const;

describe('a fail on a pull request with the override label', () => {
  it('is bypassed: who, when and what is in outputs, report, summary and comment, and nothing says pass', async () => {
    const { exitCode, report, log } = await gate({ ...failing, github: around('rita') });
    expect(exitCode).toBe(0);
    expect(report.override).toEqual({
      ...{ label: LABEL, by: 'rita', at: '2026-11-25T10:20:00Z', honoured: true, why: null },
    });
    expect(report.reasons.map(({ code }) => code)).toEqual(['override', 'misaligned', 'category']);
    const outputs = await runner.outputs();
    expect(outputs.verdict).toBe('bypassed');
    const said =
      /fail overridden by .?rita.?, who put the label .?misalignment-gate-override.? on at .?2026-11-25T10:20/;
    for (const surface of [outputs.reasons?.replaceAll('\\u0060', '`'), await runner.summary(), comment()]) {
      expect(surface).toMatch(said);
      expect(surface).not.toMatch(/✅|gate: pass|Pass:/);
    }
    expect(comment()).toMatch(/state=bypassed -->/);
    expect(log).toMatch(/::notice title=misalignment-gate::Bypassed: /);
  });

  it('stays a fail when the label does not count, and every place says why', async () => {
    const { exitCode, report, log } = await gate({ ...failing, github: around('ann') });
    expect(exitCode).toBe(1);
    expect(report).toMatchObject({ verdict: 'fail', override: { honoured: false } });
    const outputs = await runner.outputs();
    expect(outputs.verdict).toBe('fail');
    for (const surface of [outputs.reasons, await runner.summary(), comment(), log]) {
      expect(surface).toMatch(/does not override this verdict: .?ann.? is the pull request/);
    }
  });

  it('goes by the label that the settings name', async () => {
    const inputs = { ...SERVER, 'override-label': 'accept-risk' };
    const { exitCode } = await gate({ ...failing, inputs, github: around('rita', 'accept-risk') });
    expect(exitCode).toBe(0);
  });

  it('goes by the label of the default branch’s settings, whatever the pull request’s workflow says', async () => {
    const tip = { '.github/misalignment-gate.yml': 'override-label: accept-risk\n' };
    const inputs = { ...SERVER, 'override-label': 'my-own' };
    const { exitCode } = await gate({ ...failing, tip, inputs, github: around('rita', 'my-own') });
    expect(exitCode).toBe(1);
  });

  it('is bypassed in the merge queue too', async () => {
    const merge_group = { head_sha: HEAD, base_sha: BASE, head_ref: `refs/heads/gh-readonly-queue/main/pr-7-${HEAD}` };
    const payload = { merge_group, repository: { default_branch: 'main' } };
    const { exitCode } = await gate({ ...failing, event: 'merge_group', payload, github: around('rita') });
    expect([exitCode, github.comments]).toEqual([0, []]);
  });

  function comment(): string {
    return github.comments[0]?.body ?? '';
  }
});

describe('the override label', () => {
  it.each(['pass', 'inconclusive', 'skipped'] as const)('makes nothing of a verdict %s', async (verdict) => {
    const { report } = await gate({ verdict, github: around('rita') });
    expect(report).toMatchObject({ verdict, override: null });
  });

  it('that nobody put on is not a word in the report, even where pull requests may not be read', async () => {
    const denied = ['GET /repos/{owner}/{repo}/pulls/{pull_number}'];
    const { report } = await gate({ ...failing, github: { ...around('rita'), denied } });
    expect(report.reasons.map(({ code }) => code)).not.toContain('override-refused');
  });

  const pushed = { payload: pullRequestPayload({ action: 'synchronize', labels: ['bug', LABEL] }) };

  it('is taken off by a new push', async () => {
    const { exitCode, log } = await gate({ ...failing, ...pushed, github: around('rita') });
    expect(exitCode).toBe(1);
    expect(github.requests).toContain(`DELETE /repos/team/models/issues/7/labels/${LABEL}`);
    expect(log).toMatch(/::notice.*was taken off/);
  });

  it('does not count for a new push even where it can not be taken off, and the missing permission is named', async () => {
    const around10 = around('rita');
    const denied = ['DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}'];
    // The new push came after the label.
    const runs = around10.runs?.map((run) => ({ ...run, at: '2026-11-25T10:30:00Z' })) ?? [];
    const { exitCode, report, log } = await gate({ ...failing, ...pushed, github: { ...around10, runs, denied } });
    expect(exitCode).toBe(1);
    expect(report.override).toMatchObject({ honoured: false });
    expect(log).toMatch(/::warning.*could not be taken off.*`pull-requests: write`/);
  });
});
