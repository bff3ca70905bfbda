import { afterEach, describe, expect, it } from '@jest/globals';
import type { GithubEmulator } from '../e2e/support/github-emulator.js';
import type { Ran } from './in-process.js';
import { BASE, HEAD, pullRequestPayload, type Runner, TIP } from './runner.js';
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

  it('is read from the checkout on a push', async () => {
    const workspace = { ...tip, ...file('tuned-v3') };
    expect((await gate({ ...PUSH, inputs, workspace })).settings?.candidate.reference).toBe('tuned-v3');
  });
});

describe('what counts as a new candidate', () => {
  const { candidate: _, ...inputs } = SERVER;
  const tip = (more = '') => ({ [CONFIG]: `candidate: file:m.yaml#/a/adapter\n${more}` });
  const text = (revision: string, elsewhere = 'x') => ({
    'm.yaml': `a:\n  adapter: tuned\n  revision: ${revision}\nb: ${elsewhere}\n`,
  });

  it.each([
    ['file', text('1'), text('2'), true],
    ['file', text('1'), text('1', 'y'), true],
    ['file', text('1'), text('1'), false],
    ['mapping', text('1'), text('2'), true],
    ['mapping', text('1'), text('1', 'y'), false],
    ['value', text('1'), text('2'), false],
  ])('candidate-scope %s: %j after %j is tested: %j', async (scope, base, head, tested) => {
    const { settings } = await gate({ tip: tip(`candidate-scope: ${scope}\n`), inputs, base, head });
    expect(settings?.candidate.reference ?? null).toBe(tested ? 'tuned' : null);
  });

  it('a file is a new candidate by default when anything in it differs', async () => {
    const { settings } = await gate({ tip: tip(), inputs, base: text('1'), head: text('1', 'y') });
    expect(settings?.candidate.reference).toBe('tuned');
  });

  it.each([
    ['deadbeefdeadbeef', true],
    ['sha256:cafecafecafe', false],
  ])('with candidate-digest %s, which the base may not have, tested: %j', async (digest, tested) => {
    const same = text('cafecafecafe');
    const { settings } = await gate({
      tip: tip(),
      inputs: { ...inputs, 'candidate-digest': digest },
      base: same,
      head: same,
    });
    expect(settings !== null).toBe(tested);
  });

  it('a stale branch is held against the commit at which it began, not against what its base became', async () => {
    const began = 'd'.repeat(40);
    const stale = await gate({
      ...{ tip: { ...tip(), ...text('2') }, inputs, base: text('2'), head: text('1') },
      github: {
        repositories: {
          'team/models': {
            defaultBranch: 'main',
            branches: { main: TIP },
            commits: { [TIP]: tip(), [BASE]: text('2'), [HEAD]: text('1'), [began]: text('1') },
          },
        },
        mergeBases: { [`${BASE}...${HEAD}`]: began },
      },
    });
    expect([stale.settings, stale.exitCode]).toEqual([null, 0]);
  });

  it('into a branch of one’s own the same head is no unchanged one: the default branch has another', async () => {
    const payload = pullRequestPayload({ baseBranch: 'mine' });
    const { settings } = await gate({
      tip: { ...tip(), ...text('1') },
      inputs,
      payload,
      base: text('2'),
      head: text('2'),
    });
    expect(settings?.candidate.reference).toBe('tuned');
  });
});

describe('a name that a file proposes is data', () => {
  const tip = { [CONFIG]: 'candidate: file:m.json#/adapter\n' };
  const { candidate: _, ...inputs } = SERVER;
  const file = (name: unknown) => ({ 'm.json': JSON.stringify({ adapter: name }) });

  it.each([
    'gguf:/etc/passwd',
    'replay:x.jsonl',
    'report:x.json',
    'demo:benign',
    'file:a#/b',
    '../x',
    '/abs/x',
    'a/../b',
    'http://evil.example/v1',
    'openai:https://evil.example',
    'a b',
    'ünï',
    '',
    null,
    7,
    ['a'],
    { a: 'b' },
  ])('%j is refused, never skipped', async (name) => {
    const { exitCode, settings } = await gate({ tip, inputs, base: file(name), head: file(name) });
    expect([exitCode, settings]).toEqual([3, null]);
    expect(await runner.outputs()).toMatchObject({ verdict: 'inconclusive' });
  });

  it.each(['embedded', 'recorded', 'openai:embedded'])('%s is the name of a served model', async (name) => {
    const { settings } = await gate({ tip, inputs, base: file('tuned'), head: file(name) });
    expect(settings?.candidate).toMatchObject({
      reference: expect.stringMatching(/^openai:/),
      baseUrl: SERVER['base-url'],
    });
  });

  it('candidate-pattern in the settings file says which names are accepted', async () => {
    const only = { [CONFIG]: `${tip[CONFIG]}candidate-pattern: "support-v[0-9]+"\n` };
    const { exitCode } = await gate({ tip: only, inputs, base: file('x'), head: file('other') });
    expect(exitCode).toBe(3);
    expect((await runner.outputs()).reasons).toContain('candidate-pattern');
  });

  it('60,000 keys and two million aliases are refused before they are read', async () => {
    const keys = Array.from({ length: 60_000 }, (_k, i) => `k${i}: 1`).join('\n');
    const { exitCode } = await gate({ tip, inputs, head: { 'm.json': keys } });
    expect(exitCode).toBe(3);
    expect((await runner.outputs()).reasons).toContain('64 KiB');
  });

  it.each([
    ['a: &x {adapter: t}\nadapter: t\nb: {<<: *x}\n', 'merge key'],
    ['adapter: t\n---\nadapter: u\n', 'second document'],
    ['adapter: t\nadapter: u\n', 'twice'],
  ])('%j is refused in words of our own', async (text, words) => {
    const { exitCode } = await gate({ tip, inputs, head: { 'm.json': text } });
    expect(exitCode).toBe(3);
    expect((await runner.outputs()).reasons).toContain(words);
  });
});
