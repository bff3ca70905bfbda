import { writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readEnvironment } from '../../src/action/environment.js';
import { readEvent } from '../../src/action/event.js';
import { EVENTS } from '../../src/action/event-table.js';
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
      baseBranch: 'main',
      commented: null,
      proposed: true,
      inCheckout: false,
      oneVerdictPerCommit: true,
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
    '%s on the default branch: the commit checked out',
    async (name) => {
      const event = await eventOf(name, { repository: { default_branch: 'main' } });
      expect(event).toMatchObject({ pullRequest: null, head: here(MERGE), base: null, proposed: false });
    },
  );

  it.each(['push', 'workflow_dispatch', 'create', 'release'])(
    '%s off the default branch: read like a proposal, not from the checkout',
    async (name) => {
      await eventOf(name, { repository: { default_branch: 'main' } });
      const environment = readEnvironment({ ...runner.env, GITHUB_REF: 'refs/heads/mine' });
      expect(await readEvent(environment)).toMatchObject({ proposed: true, inCheckout: false, head: here(MERGE) });
    },
  );

  it('deployment: the commit that is deployed, as a proposal', async () => {
    const event = await eventOf('deployment', { repository: { default_branch: 'main' }, deployment: { sha: HEAD } });
    expect(event).toMatchObject({ head: here(HEAD), proposed: true, inCheckout: false, proposedCommits: [HEAD] });
  });

  it('issue_comment on a pull request: its number, to be looked up, and nothing of the checkout', async () => {
    const payload = { repository: { default_branch: 'main' }, issue: { number: 7, pull_request: {} } };
    expect(await eventOf('issue_comment', payload)).toMatchObject({ commented: 7, proposed: true, inCheckout: false });
  });

  it('issue_comment on an issue: refused by name', async () => {
    await expect(eventOf('issue_comment', { issue: { number: 7 } })).rejects.toThrow('no pull request');
  });

  it.each(Object.entries(EVENTS).filter(([, kind]) => kind === 'no subject'))(
    '%s is refused by name, with the events that are accepted',
    async (name) => {
      await expect(eventOf(name, {})).rejects.toThrow(`event ${name}: is about no commit`);
      await expect(eventOf(name, {})).rejects.toThrow('pull_request, pull_request_target');
    },
  );

  it('an event that GitHub does not have yet is refused by name', async () => {
    await expect(eventOf('starlight', {})).rejects.toThrow('event starlight: is no event that this version knows');
  });

  it('every event but those without a subject is understood, or says what its payload lacks', async () => {
    for (const [name, kind] of Object.entries(EVENTS)) {
      if (kind === 'no subject') continue;
      const event = await eventOf(name, { repository: { default_branch: 'main' } }).catch((error: unknown) => error);
      if (event instanceof Error)
        expect(event.message).toMatch(/holds no (pull_request|issue|merge_group|workflow_run)/);
      else expect(event).toMatchObject({ name });
      await runner.remove();
    }
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

  const ours = { full_name: 'team/models' };

  it('workflow_run of a push to the default branch: no proposal', async () => {
    const onMain = run('push', { head_branch: 'main', head_repository: ours });
    expect(await eventOf('workflow_run', onMain)).toMatchObject({ proposed: false, branch: null });
  });

  it.each([
    ['push', { head_repository: ours }],
    ['push', { head_branch: 'main' }],
    ['workflow_dispatch', { head_repository: ours }],
    ['schedule', { head_branch: null, head_repository: ours }],
  ])('workflow_run of a %s elsewhere (%j): the commit that it ran on, as a proposal', async (event, more) => {
    expect(await eventOf('workflow_run', run(event, more))).toMatchObject({
      ...{ proposed: true, inCheckout: false, proposedCommits: [HEAD] },
      head: { sha: HEAD },
    });
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
