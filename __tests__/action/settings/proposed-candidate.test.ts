import { afterEach, describe, expect, it } from '@jest/globals';
import type { GithubEmulator } from '../../e2e/support/github-emulator.js';
import type { EmulatedPull } from '../../e2e/support/github-pulls.js';
import type { Ran } from '../in-process.js';
import { BASE, HEAD, pullRequestPayload, type Runner } from '../runner.js';
import { CONFIG, PUSH, play, SERVER, type Setup } from '../scene.js';

const COMMENTED: EmulatedPull = {
  ...{ number: 7, author: 'ann', headSha: HEAD, headRef: 'tune', headRepository: 'team/models', baseSha: BASE },
  ...{ labels: [], commits: [], events: [] },
};

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

describe('a candidate from a file of the pull request', () => {
  const tip = { [CONFIG]: 'candidate: file:models/support.yaml#/adapter\n' };
  const { candidate: _, ...inputs } = SERVER;
  const file = (name: string) => ({ 'models/support.yaml': `adapter: ${name}\n` });

  it('is read at the head, not from the checkout', async () => {
    const { settings } = await gate({
      tip,
      inputs,
      head: file('tuned-v2'),
      base: file('tuned-v1'),
      workspace: file('other'),
    });
    expect(settings?.candidate.reference).toBe('tuned-v2');
    expect(settings?.candidate.baseUrl).toBe(SERVER['base-url']);
  });

  it('is read in the fork that proposes it', async () => {
    const { settings } = await gate({ tip, inputs, fork: 'ann/models', head: file('tuned-v2') });
    expect(settings?.candidate.reference).toBe('tuned-v2');
  });

  it('unchanged since the base is skipped, and the step succeeds', async () => {
    const { settings, exitCode } = await gate({ tip, inputs, head: file('tuned-v1'), base: file('tuned-v1') });
    expect([settings, exitCode]).toEqual([null, 0]);
    expect(await runner.outputs()).toMatchObject({
      verdict: 'skipped',
      reasons: expect.stringContaining('candidate unchanged'),
    });
  });

  it('that the base lacks, or holds broken, is new', async () => {
    const { settings } = await gate({
      tip,
      inputs,
      head: file('tuned-v1'),
      base: { 'models/support.yaml': 'adapter: [' },
    });
    expect(settings?.candidate.reference).toBe('tuned-v1');
  });

  it('that the head lacks is an error', async () => {
    expect((await gate({ tip, inputs, base: file('tuned-v1') })).exitCode).toBe(3);
    expect((await runner.outputs()).reasons).toContain('models/support.yaml: no such file in the head commit aaaaaaa');
  });

  it('cannot be a recording that the pull request brings along', async () => {
    const { exitCode, settings } = await gate({ tip, inputs, head: file('replay:good.jsonl') });
    expect([exitCode, settings]).toEqual([3, null]);
  });

  it.each([
    ['a revision beside the name', 'adapter: tuned-v1\nrevision: 2\n', 'adapter: tuned-v1\nrevision: 1\n'],
    ['a comment', 'adapter: tuned-v1 # new\n', 'adapter: tuned-v1\n'],
    ['a name quoted', 'adapter: "tuned-v1"\n', 'adapter: tuned-v1\n'],
  ])('is a new one where %s differs, unless candidate-scope says that it does not matter', async (_, now, before) => {
    const [head, base] = [{ 'models/support.yaml': now }, { 'models/support.yaml': before }];
    const scoped = (scope: string) => gate({ tip, inputs: { ...inputs, 'candidate-scope': scope }, head, base });
    expect((await scoped('')).settings?.candidate.reference).toBe('tuned-v1');
    await github.stop();
    expect((await scoped('value')).settings).toBeNull();
  });

  describe('on a branch that the default branch has left behind', () => {
    const M = 'e'.repeat(40);
    const stale = (head: string, began: string, base: string, more: Setup = {}): Setup => ({
      ...{ tip: { ...tip, ...file(base) }, inputs, head: file(head), base: file(base) },
      github: { mergeBases: { [`${BASE}...${HEAD}`]: M } },
      commits: { [M]: file(began) },
      ...more,
    });

    it('is unchanged where the branch did not touch it', async () => {
      expect((await gate(stale('v1', 'v1', 'v2'))).settings).toBeNull();
      expect((await runner.outputs()).verdict).toBe('skipped');
    });

    it('is tested where the branch did, though the base has the same by now', async () => {
      expect((await gate(stale('v2', 'v1', 'v2'))).settings?.candidate.reference).toBe('v2');
    });

    it('is tested where GitHub does not say where the branch began', async () => {
      const denied = ['GET /repos/{owner}/{repo}/compare/{basehead}'];
      expect((await gate(stale('v1', 'v1', 'v2', { github: { denied } }))).settings?.candidate.reference).toBe('v1');
    });
  });

  it('is tested on its way into a branch of one’s own that has it already', async () => {
    const opened = pullRequestPayload();
    const { pull_request } = opened;
    const payload = { ...opened, pull_request: { ...pull_request, base: { ...pull_request.base, ref: 'mine' } } };
    const same = { head: file('v2'), base: file('v2'), inputs, payload };
    expect((await gate({ ...same, tip: { ...tip, ...file('v1') } })).settings?.candidate.reference).toBe('v2');
    await github.stop();
    expect((await gate({ ...same, tip: { ...tip, ...file('v2') } })).settings).toBeNull();
  });

  it.each([
    ['another digest than the file holds', '0123456789', 'adapter: v1\n', true],
    ['the digest that the file holds', 'sha256:0123456789', 'adapter: v1\nsha256: 0123456789\n', false],
    ['a digest so short that it stands there by chance', '1', 'adapter: v1\n', true],
  ])('with %s: tested or not', async (_, digest, text, tested) => {
    const same = { 'models/support.yaml': text };
    const { settings } = await gate({ tip, inputs: { ...inputs, 'candidate-digest': digest }, head: same, base: same });
    expect(settings !== null).toBe(tested);
  });

  it('with the digest of the default branch’s settings is unchanged', async () => {
    const text = `${tip[CONFIG]}candidate-digest: abc\n`;
    const same = { tip: { [CONFIG]: text }, head: file('v1'), base: file('v1') };
    expect((await gate({ ...same, inputs })).settings).toBeNull();
  });

  it.each([
    ['null', 'adapter:\n'],
    ['a number', 'adapter: 7\n'],
    ['empty', 'adapter: ""\n'],
    ['elsewhere', 'adaptor: x\n'],
  ])('that is %s at head and base alike is an error, never skipped', async (_, text) => {
    const same = { 'models/support.yaml': text };
    expect((await gate({ tip, inputs, head: same, base: same })).exitCode).toBe(3);
    expect((await runner.outputs()).verdict).toBe('inconclusive');
  });

  it.each(['embedded', 'recorded', 'openai:tuned'])(
    'that is called %s is asked at the trusted server',
    async (name) => {
      const { settings } = await gate({ tip, inputs, head: file(JSON.stringify(name)), base: file('v1') });
      expect(settings?.candidate.baseUrl).toBe(SERVER['base-url']);
      expect(settings?.candidate.reference).toBe(`openai:${name.replace('openai:', '')}`);
    },
  );

  it('may be of any form that the team’s candidate-pattern allows', async () => {
    const wide = { [CONFIG]: `${tip[CONFIG]}candidate-pattern: "/adapters/[a-z0-9-]+"\n` };
    const named = (name: string) => gate({ tip: wide, inputs, head: file(name), base: file('v1') });
    expect((await named('/adapters/support-v7')).settings?.candidate.reference).toBe('/adapters/support-v7');
    await github.stop();
    expect((await named('tuned')).exitCode).toBe(3);
    expect((await runner.outputs()).reasons).toContain('candidate-pattern');
  });

  it('on a push off the default branch is read at its commit, with the default branch’s settings', async () => {
    const { settings } = await gate({
      ...{ ...PUSH, env: { GITHUB_REF: 'refs/heads/tune', GITHUB_SHA: HEAD }, tip, head: file('tuned-v2') },
      ...{ inputs: { ...inputs, 'fail-on': 'never' }, workspace: { [CONFIG]: 'fail-on: never\n', ...file('other') } },
    });
    expect(settings).toMatchObject({
      candidate: { reference: 'tuned-v2' },
      settingsFile: { where: 'default branch main' },
    });
  });

  it('is read at the head of the pull request that a comment is on', async () => {
    const issue = { number: 7, pull_request: {} };
    const setup: Setup = {
      ...{ event: 'issue_comment', payload: { issue, repository: { default_branch: 'main' } }, tip, inputs },
      ...{ head: file('v2'), base: file('v1') },
      github: { pulls: [COMMENTED] },
    };
    expect((await gate(setup)).settings?.candidate.reference).toBe('v2');
    expect(github.comments.map(({ issue }) => issue)).toEqual([7]);
    await github.stop();
    const { exitCode, log } = await gate({ ...setup, workspace: { '.git/HEAD': HEAD } });
    expect([exitCode, log]).toEqual([3, expect.stringContaining('Take the checkout step out')]);
  });

  it('is read from the checkout on a push', async () => {
    const workspace = { ...tip, ...file('tuned-v3') };
    expect((await gate({ ...PUSH, inputs, workspace })).settings?.candidate.reference).toBe('tuned-v3');
  });
});
