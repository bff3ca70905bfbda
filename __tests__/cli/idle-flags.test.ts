import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { main } from '../../src/cli/main.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'idle-flags-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function errorsOf(...flags: readonly string[]): Promise<string> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const config = join(folder, 'gate.yml');
  await writeFile(config, 'history-branch: gate-history\n');
  const terminal = { stdout, stderr, environment: {} } as unknown as Parameters<typeof main>[1];
  const models = ['--candidate', 'replay:nowhere', '--baseline', 'replay:nowhere', '--judge', 'recorded'];
  await main(['run', '--config', config, ...models, ...flags], terminal);
  return String(stderr.read() ?? '');
}

it('flags about comments, branches and issues on GitHub are said to do nothing on the command line', async () => {
  expect(await errorsOf('--comment', 'never', '--issue-on-failure', 'true', '--fail-on', 'never')).toContain(
    '--fail-on, --comment, --issue-on-failure: what this sets is done by the Action; the command line does nothing with it.',
  );
});

it('in the settings file, which the Action reads too, nothing is said of them', async () => {
  expect(await errorsOf('--max-answers', '4000')).not.toMatch(/done by the Action/);
});
