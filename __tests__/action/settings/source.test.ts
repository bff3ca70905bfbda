import { afterEach, describe, expect, it } from '@jest/globals';
import type { EmulatorOptions, GithubEmulator } from '../../e2e/support/github-emulator.js';
import type { Ran } from '../in-process.js';
import type { Runner } from '../runner.js';
import { CONFIG, PUSH, play, SERVER, type Setup } from '../scene.js';

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
    const { settings, ports } = await gate({ ...PUSH, workspace });
    expect(settings).toMatchObject({ failOn: 'fail', baseline: { reference: 'base' } });
    expect(ports?.readText).toBeUndefined();
  });

  it('may be absent, but not when the workflow names the file', async () => {
    expect((await gate({ ...PUSH, inputs: { ...SERVER, config: 'gate.yml' } })).exitCode).toBe(3);
    expect((await runner.outputs()).reasons).toContain('gate.yml');
  });
});
