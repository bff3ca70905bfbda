import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../src/core/errors.js';
import type { Report } from '../../src/report/report.js';
import type { GithubEmulator } from '../e2e/support/github-emulator.js';
import type { Ran } from './in-process.js';
import type { Runner } from './runner.js';
import { PUSH, play, SERVER, type Setup } from './scene.js';

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

describe('keys', () => {
  const { 'base-url': _, ...openai } = SERVER;

  it('missing for OpenAI’s own servers are an error before anything is asked', async () => {
    const { exitCode, settings } = await gate({ ...PUSH, inputs: openai });
    expect([exitCode, settings]).toEqual([3, null]);
    expect((await runner.outputs()).reasons).toContain('candidate-api-key');
  });

  it('missing are a reason to skip where on-missing-secrets says so', async () => {
    const { exitCode, log } = await gate({ ...PUSH, inputs: { ...openai, 'on-missing-secrets': 'skip' } });
    expect(exitCode).toBe(0);
    expect((await runner.outputs()).verdict).toBe('skipped');
    expect(log).toContain('::notice');
  });

  const refused = new ConfigError('endpoint.key-missing', 'wants a key and none is given');

  it('that another server turns out to want are told the same way', async () => {
    expect((await gate({ ...PUSH, failure: refused })).exitCode).toBe(3);
    await Promise.all([github.stop(), runner.remove()]);
    const { exitCode } = await gate({ ...PUSH, failure: refused, inputs: { ...SERVER, 'on-missing-secrets': 'skip' } });
    expect([exitCode, (await runner.outputs()).verdict]).toEqual([0, 'skipped']);
  });

  it('that are refused are never a reason to skip', async () => {
    const wrong = new ConfigError('endpoint.key-refused', 'refused');
    const { exitCode } = await gate({ ...PUSH, failure: wrong, inputs: { ...SERVER, 'on-missing-secrets': 'skip' } });
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
