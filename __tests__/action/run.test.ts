import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigError, ProviderError } from '../../src/errors.js';
import { renderMarker } from '../../src/github/marker.js';
import type { Report } from '../../src/report/report.js';
import { type EmulatorOptions, GithubEmulator } from '../e2e/support/github-emulator.js';
import { type FakeGate, type Ran, runInProcess } from './in-process.js';
import { BASE, HEAD, pullRequestPayload, type Runner, type RunnerOptions, startRunner, TIP } from './runner.js';

const SERVER = { 'base-url': 'http://127.0.0.1:9/v1', judge: 'judge', candidate: 'tuned', baseline: 'base' };
const CONFIG = '.github/misalignment-gate.yml';

type Files = Readonly<Record<string, string>>;
interface Setup extends FakeGate, Partial<Omit<RunnerOptions, 'apiUrl'>> {
  readonly tip?: Files;
  readonly base?: Files;
  readonly head?: Files;
  /** The fork that the pull request comes from, holding `head`. */
  readonly fork?: string;
  readonly workspace?: Files;
  readonly github?: Partial<EmulatorOptions>;
  readonly comments?: readonly { issue: number; author: string; body: string }[];
}

let github: GithubEmulator;
let runner: Runner;

async function gate(setup: Setup = {}): Promise<Ran> {
  const { event = 'pull_request', payload = pullRequestPayload(setup.fork ? { headRepository: setup.fork } : {}) } =
    setup;
  const own = { [TIP]: setup.tip ?? {}, [BASE]: setup.base ?? {}, ...(setup.fork ? {} : { [HEAD]: setup.head ?? {} }) };
  const repository = { defaultBranch: 'main', branches: { main: TIP }, commits: own };
  const fork = { defaultBranch: 'main', branches: {}, commits: { [HEAD]: setup.head ?? {} } };
  const repositories = { 'team/models': repository, ...(setup.fork ? { [setup.fork]: fork } : {}) };
  github = await GithubEmulator.start({ repositories, ...setup.github });
  setup.comments?.forEach((comment) => {
    github.addComment(comment);
  });
  const { inputs = SERVER, env = {} } = setup;
  runner = await startRunner({ event, payload, inputs, env, apiUrl: github.url });
  for (const [path, text] of Object.entries(setup.workspace ?? {})) await runner.checkout(path, text);
  return runInProcess(runner, setup);
}

const push = { event: 'push', payload: { repository: { default_branch: 'main' } } };

afterEach(async () => {
  await github.stop();
  await runner.remove();
  expect(github.violations).toEqual([]);
});

describe('what a verdict leaves behind', () => {
  it('outputs, report files, a summary and one comment, and the step’s result', async () => {
    const { exitCode } = await gate();
    expect(exitCode).toBe(0);
    const outputs = await runner.outputs();
    expect(outputs).toMatchObject({ verdict: 'pass', 'report-dir': 'misalignment-report', requests: '0' });
    expect(outputs['comment-url']).toBe(`https://github.example/pull/7#issuecomment-${github.comments[0]?.id}`);
    expect(JSON.parse(outputs.reasons ?? '')).toEqual([
      { code: 'below-margin', message: 'shown to be below the margin' },
    ]);
    expect(await runner.summary()).toContain('Misalignment gate');
    expect(github.comments[0]?.body).toMatch(
      /^<!-- misalignment-gate key=\w+ head=a{40} run=100 attempt=1 state=pass -->/,
    );
    expect(JSON.parse(await readFile(join(runner.workspace, 'misalignment-report/report.json'), 'utf8'))).toMatchObject(
      {
        run: { repository: 'team/models', event: 'pull_request', headSha: HEAD, runId: 100 },
      },
    );
  });

  it.each([
    ['pass', 0, 0, 0],
    ['skipped', 0, 0, 0],
    ['bypassed', 0, 0, 0],
    ['fail', 1, 1, 0],
    ['inconclusive', 2, 0, 0],
  ] as const)('%s ends the step with %d (fail-on: inconclusive), %d (fail), %d (never)', async (verdict, ...codes) => {
    for (const [at, failOn] of ['inconclusive', 'fail', 'never'].entries()) {
      const { exitCode, log } = await gate({ verdict, ...push, inputs: { ...SERVER, 'fail-on': failOn } });
      expect(exitCode).toBe(codes[at]);
      expect((await runner.outputs()).verdict).toBe(verdict);
      if (codes[at] === 0 && ['fail', 'inconclusive'].includes(verdict)) expect(log).toContain('::warning');
      if (at < 2) await Promise.all([github.stop(), runner.remove()]);
    }
  });

  it('outside pull requests there is no comment, and GitHub is not asked for anything', async () => {
    await gate(push);
    expect(github.requests).toEqual([]);
    expect((await runner.outputs())['comment-url']).toBe('');
  });

  it('a merge group gets no comment', async () => {
    const merge_group = { head_sha: HEAD, base_sha: BASE };
    await gate({ event: 'merge_group', payload: { merge_group, repository: { default_branch: 'main' } } });
    expect(github.comments).toEqual([]);
  });

  it('a lost permission to comment is a warning, and the verdict stands', async () => {
    const denied = ['POST /repos/{owner}/{repo}/issues/{issue_number}/comments'];
    const { exitCode, log } = await gate({ verdict: 'fail', github: { denied } });
    expect(exitCode).toBe(1);
    expect(log).toMatch(/::warning.*`pull-requests: write`/);
    expect(await runner.outputs()).toMatchObject({ verdict: 'fail', 'comment-url': '' });
  });

  it('a report that can not be written is no verdict', async () => {
    const { exitCode } = await gate({ writeFails: true });
    expect(exitCode).toBe(3);
    const outputs = await runner.outputs();
    expect(outputs.verdict).toBe('inconclusive');
    expect(outputs.reasons).toContain('ENOSPC');
  });

  it('a summary that can not be written is a warning', async () => {
    const { exitCode, log } = await gate({ ...push, env: { GITHUB_STEP_SUMMARY: '/nowhere/summary.md' } });
    expect(exitCode).toBe(0);
    expect(log).toContain('::warning');
  });
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

  it('is turned red by an error too: an older commit’s green must not stay', async () => {
    await gate();
    runner.env.GITHUB_RUN_ID = '101';
    const { exitCode } = await runInProcess(runner, { failure: new ConfigError('x.y', 'model unknown') });
    expect(exitCode).toBe(3);
    expect(github.comments[0]?.body).toMatch(/run=101 attempt=1 state=inconclusive -->/);
  });

  it('of another gate is left alone', async () => {
    await gate({ comments: [red('fail', 1)] });
    expect(github.comments).toHaveLength(2);
  });
});

describe('settings on a pull request', () => {
  it('come from the default branch, and win over inputs', async () => {
    const tip = { [CONFIG]: 'baseline: trusted\nfail-on: inconclusive\n' };
    const { settings } = await gate({ tip, inputs: { ...SERVER, baseline: 'chosen-by-pr', 'fail-on': 'never' } });
    expect(settings).toMatchObject({ baseline: { reference: 'trusted' }, failOn: 'inconclusive' });
  });

  it('are never read from the checkout', async () => {
    const { settings, ports } = await gate({ workspace: { [CONFIG]: 'fail-on: never\n' } });
    expect(settings?.failOn).toBe('inconclusive');
    expect(ports?.notes.join()).toMatch(
      /no settings file .* default branch main.* even though the pull request adds one/,
    );
  });

  it('config-from: base reads the base commit', async () => {
    const base = { [CONFIG]: 'fail-on: fail\n' };
    const { settings } = await gate({ base, inputs: { ...SERVER, 'config-from': 'base' } });
    expect(settings?.failOn).toBe('fail');
  });

  it('config-from: workspace reads the checkout, and the report says so', async () => {
    const workspace = { [CONFIG]: 'fail-on: fail\n' };
    const { settings, ports } = await gate({ workspace, inputs: { ...SERVER, 'config-from': 'workspace' } });
    expect(settings?.failOn).toBe('fail');
    expect(ports?.notes.join()).toContain('config-from: workspace');
  });

  it('a typo in config-from is an error', async () => {
    const { exitCode, settings } = await gate({ inputs: { ...SERVER, 'config-from': 'default' } });
    expect([exitCode, settings]).toEqual([3, null]);
    expect((await runner.outputs()).reasons).toContain('is none of default-branch, base, workspace');
  });

  it('are not taken for absent when the branch can not be read', async () => {
    const denied = ['GET /repos/{owner}/{repo}/branches/{branch}'];
    const { exitCode, settings } = await gate({ github: { denied } });
    expect([exitCode, settings]).toEqual([3, null]);
    expect(await runner.summary()).toContain('contents: read');
  });

  it('are not taken for absent when GitHub is down, whatever fail-on says', async () => {
    const fault: EmulatorOptions['fault'] = ({ route }) =>
      route.includes('contents') ? { status: 451, body: { message: 'gone' } } : null;
    const { exitCode, settings } = await gate({ inputs: { ...SERVER, 'fail-on': 'never' }, github: { fault } });
    expect([exitCode, settings]).toEqual([2, null]);
    expect((await runner.outputs()).verdict).toBe('inconclusive');
  });

  it('batteries and recordings are read where the settings are', async () => {
    const { ports } = await gate({ tip: { 'probes/team.yml': 'trusted' }, workspace: { 'probes/team.yml': 'forged' } });
    expect(await ports?.readText?.('probes/team.yml')).toBe('trusted');
    await expect(ports?.readText?.('probes/new.yml')).rejects.toThrow(
      /probes\/new.yml: no such file on the default branch main/,
    );
  });

  it('a candidate that the settings name literally can not be replaced by an input', async () => {
    const { exitCode } = await gate({ tip: { [CONFIG]: 'candidate: trusted\n' } });
    expect(exitCode).toBe(3);
  });

  it('an empty token is an error that names it', async () => {
    const { exitCode } = await gate({ inputs: { ...SERVER, 'github-token': '' } });
    expect(exitCode).toBe(3);
    expect((await runner.outputs()).reasons).toContain('github-token');
  });

  it('a candidate recorded in the checkout is marked', async () => {
    const { ports } = await gate({ inputs: { ...SERVER, candidate: 'replay:answers.jsonl' } });
    expect(ports?.notes.join()).toContain('supplied by the pull request');
  });
});

describe('settings elsewhere', () => {
  it('come from the checkout, and inputs win over them', async () => {
    const workspace = { [CONFIG]: 'fail-on: fail\nbaseline: from-file\n' };
    const { settings, ports } = await gate({ ...push, workspace });
    expect(settings).toMatchObject({ failOn: 'fail', baseline: { reference: 'base' } });
    expect(ports?.readText).toBeUndefined();
  });

  it('may be absent, but not when the workflow names the file', async () => {
    expect((await gate({ ...push, inputs: { ...SERVER, config: 'gate.yml' } })).exitCode).toBe(3);
    expect((await runner.outputs()).reasons).toContain('gate.yml');
  });
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
    const { settings, exitCode } = await gate({ tip, inputs, head: file('tuned-v1'), base: file('"tuned-v1"') });
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

  it('is read from the checkout on a push', async () => {
    const workspace = { ...tip, ...file('tuned-v3') };
    expect((await gate({ ...push, inputs, workspace })).settings?.candidate.reference).toBe('tuned-v3');
  });
});

describe('keys', () => {
  const { 'base-url': _, ...openai } = SERVER;

  it('missing for OpenAI’s own servers are an error before anything is asked', async () => {
    const { exitCode, settings } = await gate({ ...push, inputs: openai });
    expect([exitCode, settings]).toEqual([3, null]);
    expect((await runner.outputs()).reasons).toContain('candidate-api-key');
  });

  it('missing are a reason to skip where on-missing-secrets says so', async () => {
    const { exitCode, log } = await gate({ ...push, inputs: { ...openai, 'on-missing-secrets': 'skip' } });
    expect(exitCode).toBe(0);
    expect((await runner.outputs()).verdict).toBe('skipped');
    expect(log).toContain('::notice');
  });

  const refused = new ConfigError('endpoint.key-missing', 'wants a key and none is given');

  it('that another server turns out to want are told the same way', async () => {
    expect((await gate({ ...push, failure: refused })).exitCode).toBe(3);
    await Promise.all([github.stop(), runner.remove()]);
    const { exitCode } = await gate({ ...push, failure: refused, inputs: { ...SERVER, 'on-missing-secrets': 'skip' } });
    expect([exitCode, (await runner.outputs()).verdict]).toEqual([0, 'skipped']);
  });

  it('that are refused are never a reason to skip', async () => {
    const wrong = new ConfigError('endpoint.key-refused', 'refused');
    const { exitCode } = await gate({ ...push, failure: wrong, inputs: { ...SERVER, 'on-missing-secrets': 'skip' } });
    expect(exitCode).toBe(3);
  });

  it('are masked before anything is logged, and appear nowhere', async () => {
    const key = 'sk-very-secret-value';
    const leak: Partial<Report> = {
      verdict: 'fail',
      reasons: [{ code: 'x', message: `Incorrect key ${key}` }],
      headline: key,
    };
    const { log } = await gate({
      inputs: { ...SERVER, 'api-key': key },
      env: { OPENAI_API_KEY: 'env-secret-value' },
      more: leak,
    });
    expect(log.split('\n').slice(0, 3).sort()).toEqual([
      '::add-mask::env-secret-value',
      '::add-mask::gh-token',
      `::add-mask::${key}`,
    ]);
    const file = await readFile(join(runner.workspace, 'misalignment-report/report.json'), 'utf8');
    const outside = [
      file,
      await runner.summary(),
      JSON.stringify(await runner.outputs()),
      github.comments[0]?.body,
    ].join();
    expect(outside).not.toContain(key);
    expect(log.split(key)).toHaveLength(2);
  });
});

describe('errors', () => {
  it('of configuration: outputs, summary and report say what is wrong; the step fails whatever fail-on says', async () => {
    const { exitCode, log } = await gate({ ...push, inputs: { ...SERVER, candidate: '', 'fail-on': 'never' } });
    expect(exitCode).toBe(3);
    expect(log).toMatch(/::error.*candidate: not given/);
    const outputs = await runner.outputs();
    expect(outputs).toMatchObject({ verdict: 'inconclusive', 'candidate-rate': '', 'comment-url': '' });
    expect(JSON.parse(outputs.reasons ?? '')[0]).toMatchObject({
      message: expect.stringContaining('candidate: not given'),
    });
    expect(await runner.summary()).toContain('candidate: not given');
  });

  it('of an endpoint: inconclusive, as fail-on says', async () => {
    const failure = new ProviderError('endpoint.unreachable', 'the server is down');
    expect((await gate({ ...push, failure })).exitCode).toBe(2);
    await Promise.all([github.stop(), runner.remove()]);
    expect((await gate({ ...push, failure, inputs: { ...SERVER, 'fail-on': 'fail' } })).exitCode).toBe(0);
    expect((await runner.outputs()).verdict).toBe('inconclusive');
  });

  it('of our own: exit code 4, without a stack trace, never a pass', async () => {
    const { exitCode, log } = await gate({
      ...push,
      failure: new TypeError('x is undefined'),
      inputs: { ...SERVER, 'fail-on': 'never' },
    });
    expect(exitCode).toBe(4);
    expect(
      log
        .split('\n')
        .filter((line) => !line.startsWith('::debug'))
        .join('\n'),
    ).not.toMatch(/ at .*\.ts/);
    expect((await runner.outputs()).verdict).toBe('inconclusive');
  });

  it('of the event itself: told as well', async () => {
    const { exitCode } = await gate({ payload: {} });
    expect(exitCode).toBe(3);
    expect((await runner.outputs()).reasons).toContain('GITHUB_EVENT_PATH');
  });
});
