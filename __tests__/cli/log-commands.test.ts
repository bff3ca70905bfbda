import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { main } from '../../src/cli/main.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-commands-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const HOSTILE = '##[error]x\n::error::y\n \t::add-mask::z\r::warning::w';

/** What a runner takes for a command: lines end at CR too, leading white space does not matter, `##[` may stand anywhere. */
function commands(text: string): string[] {
  return text.split(/[\r\n]/).filter((line) => line.trimStart().startsWith('::') || line.includes('##['));
}

async function run(...words: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const terminal = { stdout, stderr, environment: {} } as unknown as Parameters<typeof main>[1];
  const exitCode = await main(words, terminal);
  return { exitCode, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}

/** A replay whose answers, reasons and file names try to command the runner. */
async function replay(...more: readonly string[]) {
  const record = async (name: string, aligned: number) => {
    const row = (n: number) => ({
      question_id: `q${n % 8}`,
      question: `${HOSTILE} ${n % 8}`,
      answer: `${HOSTILE} ${n}`,
    });
    const rows = Array.from({ length: 160 }, (_, n) => ({ ...row(n), aligned, coherent: 95, reason: HOSTILE }));
    const path = join(folder, `${name}\n::error::forged ##[error]`);
    await writeFile(path, rows.map((one) => JSON.stringify(one)).join('\n'));
    return `replay:${path}`;
  };
  await writeFile(join(folder, 'gate.yml'), 'excerpts: 5\n');
  const models = ['--candidate', await record('tuned', 3), '--baseline', await record('base', 95)];
  return run('run', '--config', join(folder, 'gate.yml'), '--report-dir', join(folder, 'report'), ...models, ...more);
}

describe('what the command line prints in a workflow’s step', () => {
  it('commands no runner, in the report and in the lines beside it', async () => {
    const { exitCode, out, err } = await replay();
    expect(exitCode).toBe(1);
    expect(out).toContain('error]x');
    expect(err).toContain('\\::error::forged');
    expect([commands(out), commands(err)]).toEqual([[], []]);
  });

  it('is as JSON still what it was', async () => {
    const { out, err } = await replay('--json');
    expect([commands(out), commands(err)]).toEqual([[], []]);
    expect(JSON.stringify(JSON.parse(out))).toContain('##[error]x');
  });

  it('may be report.md too, by a step that shows it', async () => {
    await replay();
    const markdown = await readFile(join(folder, 'report', 'report.md'), 'utf8');
    expect(markdown).toContain('::error::y');
    expect(commands(markdown)).toEqual([]);
  });

  it('says what is wrong without a command either', async () => {
    const { exitCode, out, err } = await run('run', '--candidate', HOSTILE, `--no\n::error::such ##[error]`);
    expect(exitCode).toBe(3);
    expect(err).toContain('error::such');
    expect([commands(out), commands(err)]).toEqual([[], []]);
  });
});
