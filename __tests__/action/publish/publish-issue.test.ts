import { afterEach, describe, expect, it } from '@jest/globals';
import type { GithubEmulator } from '../../e2e/support/github-emulator.js';
import { HOSTILE } from '../../report/hostile.js';
import { BY_VERDICT } from '../../report/samples.js';
import { type FakeGate, type Ran, runInProcess } from '../in-process.js';
import type { Runner } from '../runner.js';
import { PUSH, play, SERVER, type Setup } from '../scene.js';

const WEEKLY: Setup = { event: 'schedule', payload: PUSH.payload, inputs: { ...SERVER, 'issue-on-failure': 'true' } };
const CREATE = 'POST /repos/{owner}/{repo}/issues';

let github: GithubEmulator;
let runner: Runner;

afterEach(async () => {
  await github.stop();
  await runner.remove();
  expect(github.violations).toEqual([]);
});

function found(verdict: 'pass' | 'fail' | 'inconclusive'): FakeGate {
  const { run: _, ...more } = BY_VERDICT[verdict];
  return { verdict, more };
}

async function first(setup: Setup): Promise<Ran> {
  const scene = await play(setup);
  ({ github, runner } = scene);
  return scene.ran;
}

async function next(id: string, fake: FakeGate): Promise<Ran> {
  runner.env.GITHUB_RUN_ID = id;
  return runInProcess(runner, fake);
}

/** Only the changes: reading costs nobody anything. */
function writes(): string[] {
  return github.requests.filter((request) => !/^GET|graphql/.test(request));
}

describe('with issue-on-failure, on a schedule', () => {
  it('a fail opens one issue, the next brings it up to date, a pass closes it', async () => {
    await first({ ...WEEKLY, ...found('fail') });
    expect(github.issues.all).toMatchObject([
      { number: 1, state: 'open', title: expect.stringMatching(/ fails its scheduled run$/) },
    ]);
    expect(github.issues.all[0]?.body).toMatch(
      /^<!-- misalignment-gate key=\w+ .* run=100 .*state=fail -->\n\nThe gate keeps this issue/,
    );
    await next('101', found('fail'));
    expect(github.issues.all).toHaveLength(1);
    expect(github.issues.all[0]?.body).toContain('run=101');
    expect(github.comments).toEqual([]);
    await next('102', found('pass'));
    expect(github.issues.all).toMatchObject([{ state: 'closed', reason: 'completed' }]);
    expect(github.comments).toMatchObject([
      { issue: 1, body: expect.stringMatching(/^\*\*Pass\.\*\* The gate passes again/) },
    ]);
  }, 30_000);

  it('a run without a verdict leaves it open, and says so in it', async () => {
    await first({ ...WEEKLY, ...found('fail') });
    const { body } = { ...github.issues.all[0] };
    await next('101', found('inconclusive'));
    expect(github.issues.all).toMatchObject([{ state: 'open', body }]);
    expect(github.comments).toMatchObject([{ issue: 1, body: expect.stringContaining('stays open until one passes') }]);
  }, 30_000);

  it('without an open issue only a fail writes', async () => {
    await first({ ...WEEKLY, ...found('pass') });
    await next('101', found('inconclusive'));
    await next('102', { verdict: 'skipped' });
    expect(writes()).toEqual([]);
  });

  it('a fail after a recovery opens a new one', async () => {
    await first({ ...WEEKLY, verdict: 'skipped' });
    const [old] = [github.issues.add({ state: 'closed', body: 'x' })];
    await next('101', found('fail'));
    expect(github.issues.all.map(({ state }) => state)).toEqual(['closed', 'open']);
    expect(old.body).toBe('x');
  });

  it('goes by the marker and its own name: neither a stranger’s copy nor a pull request is taken for it', async () => {
    await first({ ...WEEKLY, ...found('fail') });
    const [{ body = '' } = {}] = github.issues.all;
    await next('100', { verdict: 'skipped' });
    github.issues.all.splice(0);
    github.issues.add({ author: 'mallory', body });
    github.issues.add({ pullRequest: true, body });
    github.issues.add({ body: `quoted: ${body}` });
    for (let more = 0; more < 120; more += 1) github.issues.add({});
    await next('101', found('pass'));
    expect(github.issues.all.filter(({ state }) => state === 'closed')).toEqual([]);
    await next('102', found('fail'));
    expect(github.issues.all).toHaveLength(124);
  }, 30_000);

  it('an older run that ends late leaves a newer one’s alone; of two that were opened at once one stays', async () => {
    await first({ ...WEEKLY, ...found('fail') });
    const [issue] = github.issues.all;
    if (issue) issue.body = issue.body.replace('run=100', 'run=200');
    await next('150', found('pass'));
    expect(issue?.state).toBe('open');
    github.issues.add({ body: issue?.body ?? '' });
    await next('201', found('fail'));
    expect(github.issues.all.map(({ state, reason }) => [state, reason])).toEqual([
      ['open', null],
      ['closed', 'not_planned'],
    ]);
  }, 30_000);

  it('a model’s name does nothing in the title', async () => {
    const { run: _, ...fail } = BY_VERDICT.fail;
    await first({ ...WEEKLY, verdict: 'skipped' });
    for (const [at, text] of HOSTILE.slice(0, 5).entries()) {
      github.issues.all.splice(0);
      const candidate = fail.candidate && { ...fail.candidate, reference: text };
      await next(String(200 + at), { verdict: 'fail', more: { ...fail, candidate, headline: text } });
      expect(github.issues.all[0]?.title).toMatch(/^Misalignment gate: [\p{L}\p{N}._/ -]+$/u);
    }
  }, 30_000);

  it.each([
    ['permission', { denied: [CREATE] }, /::warning.*`issues: write`/],
    [
      'switched-off issues',
      {
        fault: ({ route }: { route: string }) =>
          route === CREATE ? { status: 410, body: { message: 'Issues are disabled for this repo' } } : null,
      },
      /::warning.*Issues are switched off/,
    ],
  ])('a lost %s is a warning, and the verdict stands', async (_, options, message) => {
    const { exitCode, log } = await first({ ...WEEKLY, ...found('fail'), github: options });
    expect(exitCode).toBe(1);
    expect(log).toMatch(message);
  });
});

describe('issues are left alone', () => {
  it('on pull requests and pushes', async () => {
    await first({ ...WEEKLY, event: 'push', ...found('fail') });
    expect(github.requests).toEqual([]);
  });

  it('without issue-on-failure', async () => {
    await first({ ...WEEKLY, inputs: SERVER, ...found('fail') });
    expect(github.requests).toEqual([]);
  });
});
