import { afterEach, describe, expect, it } from '@jest/globals';
import type { GithubEmulator } from '../e2e/support/github-emulator.js';
import type { Ran } from './in-process.js';
import type { Runner } from './runner.js';
import { CONFIG, PUSH, play, SERVER, type Setup } from './scene.js';

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
    expect((await gate({ ...PUSH, inputs, workspace })).settings?.candidate.reference).toBe('tuned-v3');
  });
});
