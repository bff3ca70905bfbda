import { writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readEnvironment } from '../../../src/action/environment.js';
import { readEvent } from '../../../src/action/event/event.js';
import { EVENTS, kindOfEvent } from '../../../src/action/event/event-table.js';
import { ConfigError } from '../../../src/core/errors.js';
import { BASE, HEAD, MERGE, pullRequestPayload, type Runner, startRunner } from '../runner.js';

let runner: Runner;

async function eventOf(event: string, payload: unknown, env: Record<string, string> = {}) {
  await runner?.remove();
  runner = await startRunner({ event, payload, env });
  return readEvent(readEnvironment(runner.env));
}

afterEach(() => runner.remove());

/** GitHub's own list of events that start workflows (docs, November 2026). */
const WORKFLOW_EVENTS =
  'branch_protection_rule check_run check_suite create delete deployment deployment_status discussion discussion_comment fork gollum image_version issue_comment issues label merge_group milestone page_build public pull_request pull_request_review pull_request_review_comment pull_request_target push registry_package release repository_dispatch schedule status watch workflow_call workflow_dispatch workflow_run'.split(
    ' ',
  );

const here = (sha: string) => ({ sha, repository: 'team/models' });

describe('the event that started the run', () => {
  it.each(['pull_request', 'pull_request_target', 'pull_request_review'])('%s: number, head and base', async (name) => {
    expect(await eventOf(name, pullRequestPayload({ action: 'labeled', labels: ['x'] }))).toEqual({
      ...{ name, action: 'labeled', labels: ['x'], proposedCommits: [HEAD], queued: null, branch: null },
      ...{ commented: null, inCheckout: false, oneVerdictPerCommit: true, baseBranch: 'main' },
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

  it.each(['push', 'schedule', 'workflow_dispatch', 'repository_dispatch'])(
    '%s: the commit checked out',
    async (name) => {
      const event = await eventOf(name, { repository: { default_branch: 'main' } });
      expect(event).toMatchObject({ pullRequest: null, head: here(MERGE), base: null, proposed: false });
    },
  );

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

  it.each(['push', 'workflow_dispatch', 'schedule', 'workflow_run', 'issue_comment'])(
    'workflow_run of a %s: the commit that its check is published on, trusted on the default branch alone',
    async (name) => {
      const head = { sha: HEAD, repository: 'team/models' };
      const own = { head_repository: { full_name: 'team/models' } };
      expect(await eventOf('workflow_run', run(name, own))).toMatchObject({
        ...{ head, proposed: true, inCheckout: false, branch: null, proposedCommits: [HEAD] },
        oneVerdictPerCommit: false,
      });
      const onMain = await eventOf('workflow_run', run(name, { ...own, head_branch: 'main' }));
      expect(onMain).toMatchObject({ head, proposed: false, inCheckout: false, proposedCommits: [] });
      const onAForksMain = await eventOf('workflow_run', run(name, { head_branch: 'main' }));
      expect(onAForksMain).toMatchObject({ proposed: true, proposedCommits: [HEAD] });
    },
  );
});

describe('every event that GitHub has', () => {
  const PULL = ['pull_request', 'pull_request_target', 'pull_request_review', 'pull_request_review_comment'];
  const COMMIT = ['push', 'workflow_dispatch', 'create', 'release', 'registry_package'];
  const DEPLOY = ['deployment', 'deployment_status'];
  const named = new Set([...PULL, ...COMMIT, ...DEPLOY, 'issue_comment', 'merge_group', 'workflow_run']);
  const refused = Object.keys(EVENTS).filter((name) => EVENTS[name] === 'no subject');
  const repository = { default_branch: 'main' };

  it('is in the table, each in one kind', () => {
    expect(WORKFLOW_EVENTS.filter((name) => kindOfEvent(name) === null)).toEqual([]);
    const others = Object.keys(EVENTS).filter((name) => !named.has(name) && !refused.includes(name));
    expect(others.sort()).toEqual(['repository_dispatch', 'schedule']);
  });

  it.each(PULL)('%s tests the pull request’s head', async (name) => {
    expect(await eventOf(name, pullRequestPayload())).toMatchObject({ head: here(HEAD), proposed: true });
  });

  it.each(COMMIT)('%s tests its own commit: from the checkout on the default branch alone', async (name) => {
    const on = (ref: string) => eventOf(name, { repository }, { GITHUB_REF: ref });
    expect(await on('refs/heads/main')).toMatchObject({ head: here(MERGE), proposed: false, inCheckout: true });
    for (const ref of ['refs/heads/tune', 'refs/tags/main', 'refs/tags/v1', 'refs/heads/main/x', 'main']) {
      expect(await on(ref)).toMatchObject({
        ...{ head: here(MERGE), proposed: true, inCheckout: false, base: null, oneVerdictPerCommit: false },
      });
    }
  });

  it.each(DEPLOY)('%s tests the deployed commit, whatever its ref is called', async (name) => {
    const event = await eventOf(name, { repository, deployment: { sha: HEAD } }, { GITHUB_REF: 'refs/heads/main' });
    expect(event).toMatchObject({ head: here(HEAD), proposed: true, inCheckout: false });
  });

  it.each(['schedule', 'repository_dispatch'])('%s runs on the default branch only', async (name) => {
    const event = await eventOf(name, { repository }, { GITHUB_REF: 'refs/heads/main' });
    expect(event).toMatchObject({ proposed: false, inCheckout: true });
  });

  it('issue_comment is about the pull request that it is on; on an issue it is refused', async () => {
    const issue = { number: 7, pull_request: { url: 'x' } };
    expect(await eventOf('issue_comment', { issue })).toMatchObject({
      commented: 7,
      proposed: true,
      inCheckout: false,
    });
    const onIssue = eventOf('issue_comment', { issue: { number: 7 } });
    await expect(onIssue).rejects.toThrow('event issue_comment: issue 7 is about an issue that is no pull request');
  });

  it.each([...refused, 'team_add', 'constructor'])('%s is refused by name', async (name) => {
    const failure = eventOf(name, { repository });
    await expect(failure).rejects.toThrow(ConfigError);
    await expect(failure).rejects.toThrow(new RegExp(`^event ${name}: .*Run the gate on one of pull_request, `));
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
