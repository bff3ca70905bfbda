import { afterEach, describe, expect, it } from '@jest/globals';
import { Octokit } from 'octokit';
import { overrideOf } from '../../src/github/override-label.js';
import { type EmulatorOptions, GithubEmulator } from '../e2e/support/github-emulator.js';
import type { EmulatedEvent, EmulatedPull, EmulatedPush, EmulatedRun } from '../e2e/support/github-pulls.js';

const LABEL = 'misalignment-gate-override';
const HEAD = 'a'.repeat(40);
const EARLIER = 'e'.repeat(40);
const at = (minute: number) => `2026-11-25T10:${String(minute).padStart(2, '0')}:00Z`;

const labelled = (minute: number, actor: string | null = 'rita', more: Partial<EmulatedEvent> = {}): EmulatedEvent => ({
  ...{ event: 'labeled', label: LABEL, at: at(minute), actor },
  ...more,
});
const commit = (sha: string, author: string | null = 'ann', committer: string | null = author) => ({
  ...{ sha, author, committer },
});
const firstRun = (more: Partial<EmulatedRun> = {}): EmulatedRun => ({
  ...{ headSha: HEAD, headRef: 'tune', headRepository: 'team/models', at: at(10), actor: 'ann' },
  ...more,
});
const push = (minute: number, actor: string): EmulatedPush => ({
  ...{ repository: 'team/models', ref: 'refs/heads/tune', at: at(minute), actor },
});

/** Ann's pull request, pushed and first run at 10:10, labelled by Rita at 10:20. */
function pull(more: Partial<EmulatedPull> = {}): EmulatedPull {
  return {
    ...{ number: 7, author: 'ann', headSha: HEAD, headRef: 'tune', headRepository: 'team/models' },
    ...{ baseSha: 'b'.repeat(40), labels: [LABEL], commits: [commit(HEAD)], events: [labelled(20)] },
    ...more,
  };
}

let github: GithubEmulator;

afterEach(async () => {
  await github.stop();
  expect(github.violations).toEqual([]);
});

async function ask(more: Partial<EmulatedPull> = {}, options: EmulatorOptions = {}, headSha: string | null = HEAD) {
  github = await GithubEmulator.start({
    ...{ pulls: [pull(more)], runs: [firstRun()], permissions: { rita: 'write', ann: 'admin', bob: 'write' } },
    ...options,
  });
  const client = new Octokit({
    ...{ auth: 'gh-token', baseUrl: github.url, throttle: { enabled: false }, retry: { enabled: false } },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  return overrideOf({ client, owner: 'team', repo: 'models', pull: 7, headSha, label: LABEL, seen: true });
}

describe('the label that overrides a fail', () => {
  it('counts when it was put on after the first run, by someone with write permission who has no part in it', async () => {
    expect(await ask()).toEqual({ label: LABEL, by: 'rita', at: at(20), honoured: true, why: null });
  });

  it.each(['admin', 'write'] as const)('counts with the permission %s', async (permission) => {
    expect(await ask({}, { permissions: { rita: permission } })).toMatchObject({ honoured: true });
  });

  it('is not asked about further where the pull request does not carry it', async () => {
    expect(await ask({ labels: ['bug'] })).toBeNull();
    expect(github.requests).toHaveLength(1);
  });

  it('counts on a merge group too, for the pull request’s own head', async () => {
    expect(await ask({}, {}, null)).toMatchObject({ honoured: true });
  });

  it('is known in any case of letters', async () => {
    const name = LABEL.toUpperCase();
    expect(await ask({ labels: [name], events: [labelled(20, 'rita', { label: name })] })).toMatchObject({
      honoured: true,
    });
  });

  it('counts by its last putting on', async () => {
    expect(await ask({ events: [labelled(5), labelled(20, 'rita')] })).toMatchObject({ honoured: true, at: at(20) });
    await github.stop();
    expect(await ask({ events: [labelled(20), labelled(21, 'ann')] })).toMatchObject({ honoured: false, by: 'ann' });
  });
});

type Case = readonly [string, Partial<EmulatedPull>, EmulatorOptions, RegExp];

const TIMES: readonly Case[] = [
  ['before the head’s first run', { events: [labelled(9)] }, {}, /10:09:00Z, not after the head commit's first/],
  ['in the same second', { events: [labelled(10)] }, {}, /not after the head commit's first workflow run/],
  ['where the head has no run', {}, { runs: [] }, /lists no workflow run of the head commit/],
  [
    'where only another branch ran that commit before',
    { events: [labelled(9)] },
    { runs: [firstRun({ at: at(1), headRef: 'other' }), firstRun()] },
    /not after the head commit's first workflow run/,
  ],
  [
    'where only another repository’s branch of that name ran it before',
    { events: [labelled(9)] },
    { runs: [firstRun({ at: at(1), headRepository: 'mallory/models' }), firstRun()] },
    /not after the head commit's first workflow run/,
  ],
  [
    'before a force push back to a commit that had run long ago',
    { events: [labelled(20), { event: 'head_ref_force_pushed', at: at(30), actor: 'ann' }] },
    {},
    /not after the branch was last pushed to/,
  ],
  [
    'before the pull request was closed and reopened with another head',
    { events: [labelled(20), { event: 'reopened', at: at(30), actor: 'ann' }] },
    {},
    /not after the branch was last pushed to/,
  ],
  ['before the branch’s last push', {}, { pushes: [push(30, 'ann')] }, /not after the branch was last pushed to/],
];

const PEOPLE: readonly Case[] = [
  ['the pull request’s author', { events: [labelled(20, 'ann')] }, {}, /ann is the pull request's author/],
  ['the author in other letters', { events: [labelled(20, 'Ann')] }, {}, /Ann is the pull request's author/],
  [
    'the author of one of its commits',
    { commits: [commit(HEAD), commit(EARLIER, 'rita', 'ann')] },
    {},
    /rita is author/,
  ],
  ['the committer of one of its commits', { commits: [commit(HEAD, 'ann', 'rita')] }, {}, /rita is committer/],
  ['who pushed the head', { commits: [commit(HEAD, null)] }, { runs: [firstRun({ actor: 'rita' })] }, /rita pushed/],
  [
    'who pushed an earlier commit of it',
    { commits: [commit(EARLIER), commit(HEAD)] },
    { runs: [firstRun({ headSha: EARLIER, at: at(1), actor: 'rita' }), firstRun()] },
    /rita pushed/,
  ],
  ['who pushed without any run', {}, { pushes: [push(2, 'rita'), push(10, 'ann')] }, /rita pushed/],
  [
    'who force-pushed it',
    { events: [{ event: 'head_ref_force_pushed', at: at(5), actor: 'rita' }, labelled(20)] },
    {},
    /rita pushed/,
  ],
  ['a bot', { events: [labelled(20, 'helper[bot]')] }, { permissions: { 'helper[bot]': 'write' } }, /a bot put it on/],
  ['an app in someone’s name', { events: [labelled(20, 'rita', { app: true })] }, {}, /a bot put it on/],
  ['a reader', {}, { permissions: { rita: 'read' } }, /rita has no write permission \(but read\)/],
  ['who lost the permission since', {}, { permissions: {} }, /rita has no write permission \(but none\)/],
];

describe.each([
  ['put on', TIMES],
  ['put on by', PEOPLE],
])('the label does not count when %s', (_, cases) => {
  it.each(cases)('%s, and the reason is said', async (__, more, options, why) => {
    expect(await ask(more, options)).toMatchObject({ honoured: false, why: expect.stringMatching(why) });
  });
});

describe('the label does not count', () => {
  it('for a head that has moved on', async () => {
    const ruling = await ask({}, {}, EARLIER);
    expect(ruling).toMatchObject({ honoured: false, why: expect.stringMatching(/head is aaaaaaa by now/) });
  });

  it('where GitHub keeps no record of who put it on', async () => {
    expect(await ask({ events: [] })).toMatchObject({
      honoured: false,
      by: null,
      why: expect.stringMatching(/record/),
    });
  });

  it('on more commits than GitHub lists', async () => {
    const commits = Array.from({ length: 251 }, () => commit(EARLIER));
    expect(await ask({ commits })).toMatchObject({ honoured: false, why: expect.stringMatching(/more than 250/) });
  });

  it.each([
    'GET /repos/{owner}/{repo}/pulls/{pull_number}',
    'GET /repos/{owner}/{repo}/issues/{issue_number}/events',
    'GET /repos/{owner}/{repo}/actions/runs',
    'GET /repos/{owner}/{repo}/activity',
    'GET /repos/{owner}/{repo}/pulls/{pull_number}/commits',
    'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
  ])('where %s is denied, and the permission is named', async (route) => {
    const ruling = await ask({}, { denied: [route] });
    expect(ruling).toMatchObject({ honoured: false, why: expect.stringMatching(/403.*`actions: read`/) });
  });

  it('counts on a fork whose pushes can not be read, by its runs', async () => {
    const fork = { headRepository: 'ann/models' };
    const options = { denied: ['GET /repos/{owner}/{repo}/activity'], runs: [firstRun(fork)] };
    const ruling = await ask(fork, { ...options, denied: options.denied.map((route) => route) });
    expect(ruling).toMatchObject({ honoured: true });
  });
});
