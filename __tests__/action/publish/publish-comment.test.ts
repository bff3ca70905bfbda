import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../../src/core/errors.js';
import { renderMarker } from '../../../src/github/comment-marker.js';
import type { GithubEmulator } from '../../e2e/support/github-emulator.js';
import { BY_VERDICT } from '../../report/samples.js';
import { type Ran, runInProcess } from '../in-process.js';
import { BASE, HEAD, pullRequestPayload, type Runner } from '../runner.js';
import { play, SERVER, type Setup } from '../scene.js';

let github: GithubEmulator;
let runner: Runner;

async function gate(setup: Setup = {}): Promise<Ran> {
  const scene = await play(setup);
  ({ github, runner } = scene);
  return scene.ran;
}

afterEach(async () => {
  await github.stop();
  await runner.remove();
  expect(github.violations).toEqual([]);
});

describe('the comment', () => {
  const red = (state: 'fail' | 'pass', runId: number) => {
    const key = '0'.repeat(16);
    return {
      issue: 7,
      author: 'github-actions[bot]',
      body: `${renderMarker({ key, headSha: BASE, runId, runAttempt: 1, state })}`,
    };
  };

  it('on-failure: a pass creates none', async () => {
    await gate({ inputs: { ...SERVER, comment: 'on-failure' } });
    expect(github.comments).toEqual([]);
  });

  it('on-failure: a fail creates one, which the next pass turns green', async () => {
    await gate({ verdict: 'fail', inputs: { ...SERVER, comment: 'on-failure' } });
    expect(github.comments[0]?.body).toContain('state=fail');
    runner.env.GITHUB_RUN_ID = '101';
    await runInProcess(runner, { verdict: 'pass' });
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toContain('state=pass');
  });

  it('on-failure: a bypassed fail is shown too', async () => {
    await gate({ verdict: 'bypassed', inputs: { ...SERVER, comment: 'on-failure' } });
    expect(github.comments[0]?.body).toContain('state=bypassed');
  });

  it('never: GitHub is not even asked for comments', async () => {
    await gate({ verdict: 'fail', inputs: { ...SERVER, comment: 'never' } });
    expect(github.requests.filter((request) => request.includes('comments'))).toEqual([]);
  });

  it('of an older commit says meanwhile that a run is under way, and the post step knows of it', async () => {
    await gate();
    runner.env.GITHUB_RUN_ID = '101';
    let meanwhile = '';
    await runInProcess(runner, {
      during: async () => {
        meanwhile = github.comments[0]?.body ?? '';
      },
    });
    expect(meanwhile).toMatch(/run=101 attempt=1 state=running -->/);
    expect(github.comments[0]?.body).toMatch(/run=101 attempt=1 state=pass -->/);
    expect(JSON.parse((await runner.state()).comment ?? '')).toEqual({
      repository: 'team/models',
      id: github.comments[0]?.id,
    });
  });

  it('says which commit was judged, what has changed since the last, and where its reasons are explained', async () => {
    const env = { GITHUB_ACTION_REPOSITORY: 'octo/gate', GITHUB_ACTION_REF: 'release/v1' };
    await gate({ env, verdict: 'fail', more: { statistics: BY_VERDICT.fail.statistics } });
    const commit = `[\`${HEAD.slice(0, 7)}\`](https://github.example/team/models/commit/${HEAD})`;
    expect(github.comments[0]?.body).toContain(`\n\nCommit judged: ${commit}.\n\n`);
    expect(github.comments[0]?.body).toContain(
      '[`below-margin`](https://github.example/octo/gate/blob/release/v1/docs/reasons.md#below-margin)',
    );
    const headSha = 'e'.repeat(40);
    await writeFile(join(runner.folder, 'event.json'), JSON.stringify(pullRequestPayload({ headSha })));
    runner.env.GITHUB_RUN_ID = '101';
    let meanwhile = '';
    await runInProcess(runner, {
      during: async () => {
        meanwhile = github.comments[0]?.body ?? '';
      },
    });
    expect(meanwhile).toContain(`Before: fail, on \`${HEAD.slice(0, 7)}\`.`);
    expect(github.comments[0]?.body).toContain(
      `(https://github.example/team/models/commit/${headSha}). Since ${commit}: fail → pass; the candidate's misalignment rate 41\u00a0% → unknown.`,
    );
  });

  it('shows of a forged last state no more than one of our words', async () => {
    await gate();
    const [comment] = github.comments;
    if (!comment) throw new Error('no comment');
    comment.body = comment.body.replace(/<!-- id=.*?-->/, '<!-- was=pass washead=<img> -->');
    runner.env.GITHUB_RUN_ID = '101';
    await runInProcess(runner, { verdict: 'fail' });
    expect(github.comments).toHaveLength(1);
    expect(comment.body).not.toContain('<img>');
    expect(comment.body).toContain('pass → fail.');
  });

  it('is the same one when somebody edits it, during a run or after', async () => {
    await gate();
    const [comment] = github.comments;
    if (!comment) throw new Error('no comment');
    comment.body = `Edited.\n\n${comment.body}`;
    runner.env.GITHUB_RUN_ID = '101';
    await runInProcess(runner, {
      during: async () => {
        comment.body = 'Without a marker.';
      },
    });
    expect(github.comments.map(({ body }) => body)).toEqual([
      expect.stringMatching(
        /^<!-- misalignment-gate key=\w+ head=\w+ run=101 attempt=1 state=pass --> <!-- id=\d+ was=pass /,
      ),
    ]);
    expect((await runner.state())['comment-marker']).toBe('');
  });

  it('is turned red by an error too: an older commit’s green must not stay', async () => {
    await gate();
    runner.env.GITHUB_RUN_ID = '101';
    const { exitCode } = await runInProcess(runner, { failure: new ConfigError('x.y', 'model unknown') });
    expect(exitCode).toBe(3);
    expect(github.comments[0]?.body).toMatch(/run=101 attempt=1 state=inconclusive -->/);
  });

  it('on a locked conversation is refused as that: the verdict, its exit and the job summary are what they are', async () => {
    const payload = pullRequestPayload();
    const denied = ['POST /repos/{owner}/{repo}/issues/{issue_number}/comments'];
    const { exitCode, log } = await gate({
      verdict: 'fail',
      payload: { ...payload, pull_request: { ...payload.pull_request, locked: true } },
      github: { denied },
    });
    expect(exitCode).toBe(1);
    expect((await runner.outputs()).verdict).toBe('fail');
    expect(log).toMatch(/::warning.*The conversation is locked.*unlock it.*The job summary has the report/);
    expect(await runner.summary()).toContain('Misalignment gate: fail');
  });

  it('of another gate is left alone', async () => {
    await gate({ comments: [red('fail', 1)] });
    expect(github.comments).toHaveLength(2);
  });
});
