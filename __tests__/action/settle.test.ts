import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { settleRun } from '../../src/action/settle.js';
import { type CommentState, renderMarker } from '../../src/github/comment-marker.js';
import { GithubEmulator } from '../e2e/support/github-emulator.js';
import { HEAD, pullRequestPayload, type Runner, startRunner } from './runner.js';

let github: GithubEmulator;
let runner: Runner;
let printed = '';

beforeEach(async () => {
  github = await GithubEmulator.start();
  runner = await startRunner({ event: 'pull_request', payload: pullRequestPayload(), apiUrl: github.url });
  printed = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
});

afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all([github.stop(), runner.remove()]);
  expect(github.violations).toEqual([]);
});

function comment(state: CommentState, runId = 100) {
  const marker = { key: '0123456789abcdef', headSha: HEAD, runId, runAttempt: 1, state };
  return github.addComment({ issue: 7, author: 'github-actions[bot]', body: `${renderMarker(marker)}\n\nold text` });
}

async function settle(state: string | null, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const saved = { env: process.env, exitCode: process.exitCode };
  process.exitCode = undefined;
  process.env = { ...runner.env, ...(state === null ? {} : { STATE_comment: state }), ...more };
  try {
    await settleRun();
    expect(process.exitCode).toBeUndefined();
  } finally {
    process.env = saved.env;
    process.exitCode = saved.exitCode;
  }
}

const stateOf = (id: number) => JSON.stringify({ repository: 'team/models', id });

describe('the post step', () => {
  it('tells a comment of this run that still says "running" that no verdict came', async () => {
    const { id } = comment('running');
    await settle(stateOf(id));
    expect(github.comments[0]?.body).toContain('state=cancelled');
    expect(github.comments[0]?.body).toContain('no verdict');
  });

  it('also where somebody took the marker out meanwhile, which it then puts back', async () => {
    const found = comment('running');
    const marker = found.body.split('\n')[0] ?? '';
    found.body = 'edited';
    await settle(stateOf(found.id), { 'STATE_comment-marker': '' });
    expect(found.body).toBe('edited');
    await settle(stateOf(found.id), { 'STATE_comment-marker': marker });
    expect(found.body).toContain(`run=100 attempt=1 state=cancelled --> <!-- id=${found.id} -->`);
  });

  it('leaves a verdict, and another run’s comment, alone', async () => {
    await settle(stateOf(comment('fail').id));
    await settle(stateOf(comment('running', 101).id));
    expect(github.comments.map(({ body }) => body.includes('old text'))).toEqual([true, true]);
  });

  it('does nothing where there is nothing to settle', async () => {
    await settle(null);
    expect(github.requests).toEqual([]);
  });

  it.each(['{"id":', '{"id":"1"}', '[]'])('does nothing with the broken state %s', async (state) => {
    await settle(state);
    expect(github.requests).toEqual([]);
  });

  it('never fails, whatever GitHub answers', async () => {
    await settle(stateOf(999));
    await github.stop();
    await settle(stateOf(1));
    expect(printed).not.toMatch(/::(error|warning)/);
  }, 30_000);
});
