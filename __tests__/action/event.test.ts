import { writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readEnvironment } from '../../src/action/environment.js';
import { readEvent } from '../../src/action/event.js';
import { ConfigError } from '../../src/errors.js';
import { BASE, HEAD, MERGE, pullRequestPayload, type Runner, startRunner } from './runner.js';

let runner: Runner;

async function eventOf(event: string, payload: unknown) {
  runner = await startRunner({ event, payload });
  return readEvent(readEnvironment(runner.env));
}

afterEach(() => runner.remove());

const here = (sha: string) => ({ sha, repository: 'team/models' });

describe('the event that started the run', () => {
  it.each(['pull_request', 'pull_request_target', 'pull_request_review'])('%s: number, head and base', async (name) => {
    expect(await eventOf(name, pullRequestPayload({ action: 'labeled', labels: ['x'] }))).toEqual({
      ...{ name, action: 'labeled', labels: ['x'], proposedCommits: [HEAD], queued: null, branch: null },
      pullRequest: { number: 7, fork: false },
      head: here(HEAD),
      base: here(BASE),
      proposed: true,
      defaultBranch: 'main',
    });
  });

  it('a pull request from a fork has its head there', async () => {
    const event = await eventOf('pull_request', pullRequestPayload({ headRepository: 'ann/models' }));
    expect(event.head).toEqual({ sha: HEAD, repository: 'ann/models' });
    expect(event.pullRequest?.fork).toBe(true);
  });

  it('a pull request from a deleted fork is read through the base repository', async () => {
    const event = await eventOf('pull_request', pullRequestPayload({ headRepository: null }));
    expect(event).toMatchObject({ head: here(HEAD), pullRequest: { fork: true } });
  });

  it('merge_group: a proposal without a pull request', async () => {
    const merge_group = { head_sha: HEAD, base_sha: BASE, head_ref: 'refs/heads/queue', base_ref: 'refs/heads/main' };
    const event = await eventOf('merge_group', { merge_group, repository: { default_branch: 'main' } });
    expect(event).toMatchObject({ pullRequest: null, head: here(HEAD), base: here(BASE), proposed: true });
  });

  it.each(['push', 'schedule', 'workflow_dispatch', 'issue_comment'])('%s: the commit checked out', async (name) => {
    const event = await eventOf(name, { repository: { default_branch: 'main' } });
    expect(event).toMatchObject({ pullRequest: null, head: here(MERGE), base: null, proposed: false });
  });

  it.each([
    ['refs/heads/gh-readonly-queue/main/pr-12-c0ffee', 12],
    ['refs/heads/gh-readonly-queue/pr-3-abc/pr-12-c0ffee', 12],
    ['refs/heads/queue', null],
  ])('merge_group on %s: its last pull request is %j', async (head_ref, queued) => {
    const event = await eventOf('merge_group', { merge_group: { head_sha: HEAD, base_sha: BASE, head_ref } });
    expect(event.queued).toBe(queued);
  });

  const run = (event: string, more: object = {}) => ({
    repository: { default_branch: 'main' },
    workflow_run: {
      ...{ event, head_sha: HEAD, head_branch: 'tune', head_repository: { full_name: 'ann/models' } },
      ...more,
    },
  });

  it('workflow_run of a pull request: its commit as a proposal, and the branch to find the pull request by', async () => {
    expect(await eventOf('workflow_run', run('pull_request'))).toMatchObject({
      ...{ pullRequest: null, head: { sha: HEAD, repository: 'ann/models' }, base: null, proposed: true },
      ...{ branch: { name: 'tune', repository: 'ann/models' }, proposedCommits: [HEAD] },
    });
  });

  it('workflow_run of a merge group: a proposal without a pull request', async () => {
    expect(await eventOf('workflow_run', run('merge_group'))).toMatchObject({ branch: null, proposed: true });
  });

  it('workflow_run of a push: no proposal', async () => {
    expect(await eventOf('workflow_run', run('push'))).toMatchObject({ proposed: false });
  });
});

describe('an event that can not be read', () => {
  it.each([
    ['pull_request', {}, 'holds no pull_request'],
    ['merge_group', {}, 'holds no merge_group'],
    ['pull_request', { pull_request: { number: 'x' } }, 'is not an event: /pull_request'],
    ['pull_request', { pull_request: { number: 7, head: { sha: '../main' }, base: { sha: BASE } } }, '/head/sha'],
    ['push', [], 'is not an event'],
  ])('%s with %j is an error that names the file', async (name, payload, message) => {
    const failure = eventOf(name, payload);
    await expect(failure).rejects.toThrow(ConfigError);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toThrow('GITHUB_EVENT_PATH');
  });

  it('a missing file and broken JSON are told apart', async () => {
    await eventOf('push', {});
    await writeFile(runner.env.GITHUB_EVENT_PATH ?? '', '{"number": ');
    await expect(readEvent(readEnvironment(runner.env))).rejects.toThrow('is not an event');
    const gone = { ...runner.env, GITHUB_EVENT_PATH: '/nowhere/event.json' };
    await expect(readEvent(readEnvironment(gone))).rejects.toThrow("can't be read (ENOENT)");
    const { GITHUB_EVENT_PATH: _, ...unset } = runner.env;
    await expect(readEvent(readEnvironment(unset))).rejects.toThrow('is not set');
  });

  it('no JSON whatever ends in anything but an event or a ConfigError', async () => {
    await eventOf('push', {});
    const environment = { ...readEnvironment(runner.env), eventName: 'pull_request' };
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (payload) => {
        await writeFile(runner.env.GITHUB_EVENT_PATH ?? '', JSON.stringify({ pull_request: payload }));
        await expect(readEvent(environment)).rejects.toThrow(ConfigError);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the runner’s variables', () => {
  it.each([
    ['GITHUB_REPOSITORY', 'no-slash'],
    ['GITHUB_REPOSITORY', ''],
    ['GITHUB_EVENT_NAME', 'pull request'],
    ['GITHUB_SHA', 'main'],
    ['GITHUB_RUN_ID', '12; x'],
  ])('%s as %j is an error that names it', async (name, value) => {
    await eventOf('push', {});
    expect(() => readEnvironment({ ...runner.env, [name]: value })).toThrow(new RegExp(name));
  });
});
