import { PassThrough } from 'node:stream';
import { expect, it } from '@jest/globals';
import { main } from '../../src/cli/main.js';

async function saysTo(...words: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const terminal = { stdout, stderr, environment: {} } as unknown as Parameters<typeof main>[1];
  const exitCode = await main(words, terminal);
  return { exitCode, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}

it.each([
  [['--max-wait', '10m'], '--max-wait', 'the key max-wait'],
  [['--max-wait=10m'], '--max-wait', 'the key max-wait'],
  [['--candidate-pattern', '.*'], '--candidate-pattern', 'the key candidate-pattern'],
  [['--prices'], '--prices', 'the key prices'],
  [['--locked', 'judge'], '--locked', 'the key locked'],
  [['--tolerance', '0.02'], '--tolerance', 'the key tolerance under verdict'],
  [['--verdict.tolerance', '0.02'], '--verdict.tolerance', 'the key tolerance under verdict'],
  [['--temperature', '1'], '--temperature', 'the key temperature under sampling'],
  [['--self-check', 'false'], '--self-check', 'the key self-check under judge'],
])('a setting of the settings file, given as a flag, is told where it belongs: %j', async (words, flag, place) => {
  for (const command of ['run', 'baseline']) {
    const { exitCode, err } = await saysTo(command, ...words);
    expect(exitCode).toBe(3);
    expect(err).toContain(
      `${flag}: a setting of the settings file only; give it there as ${place} (.github/misalignment-gate.yml, or the file`,
    );
  }
});

it('a flag that is nothing at all stays unknown', async () => {
  expect((await saysTo('run', '--colour', 'red')).err).toContain("unknown option '--colour'");
});

it('no help lists what is no flag', async () => {
  expect((await saysTo('run', '--help')).out).not.toMatch(/--max-wait|--tolerance|--prices/);
});
