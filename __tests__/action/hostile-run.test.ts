import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Report } from '../../src/report/report.js';
import { HOSTILE, poisoned } from '../report/hostile.js';
import { BY_VERDICT } from '../report/samples.js';
import { runInProcess } from './in-process.js';
import { type Runner, startRunner } from './runner.js';
import { PUSH, SERVER } from './scene.js';

let runner: Runner | undefined;

afterEach(() => runner?.remove());

/** The whole Action, on a report whose every field holds `text`. */
async function play(text: string, verdict: 'fail' | 'inconclusive' = 'fail') {
  await runner?.remove();
  // A push: comments are paced by GitHub's client, and their Markdown has a test of its own.
  runner = await startRunner({ ...PUSH, inputs: SERVER });
  const more: Partial<Report> = poisoned(BY_VERDICT[verdict], text);
  return { ...(await runInProcess(runner, { verdict, more })), outputs: await runner.outputs() };
}

/** What the runner obeys in a log: lines end at CR too, white space before `::` does not matter, `##[` may stand anywhere. */
function commands(log: string): string[] {
  return log.split(/[\r\n]/).filter((line) => line.trimStart().startsWith('::') || line.includes('##['));
}

/** An annotation's text as the runner reads it. */
function annotationText(command: string): string {
  const decoded = command.replace(/^::\w+[^:]*::/, '');
  return decoded.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%');
}

const NOTICE = '::notice title=misalignment-gate::';

const HIDDEN = /[\p{Cs}\p{Cf}\p{Default_Ignorable_Code_Point}]|[^\P{Cc}\n\t]/u;

async function expectInert(text: string, verdict: 'fail' | 'inconclusive'): Promise<void> {
  const { log, outputs, exitCode } = await play(text, verdict);
  // The token's mask is ours, and comes first.
  const [mask, ...others] = commands(log);
  expect(mask).toBe('::add-mask::gh-token');
  // Nor does a run without a key seal anything, as it says.
  const found = others.filter((command) => !command.startsWith(`${NOTICE}sealed-report.json is not written`));
  expect(found.map((command) => command.slice(0, command.indexOf('::', 2) + 2))).toEqual([
    '::error title=misalignment-gate::',
  ]);
  expect(annotationText(found[0] ?? '')).not.toMatch(HIDDEN);
  expect(exitCode).toBe(verdict === 'fail' ? 1 : 2);
  expect(outputs.verdict).toBe(verdict);
  for (const value of Object.values(outputs)) {
    expect(value).not.toMatch(HIDDEN);
    expect(value).not.toMatch(/[\n'`$]/);
  }
}

describe('outside text in a run’s log, annotations and outputs', () => {
  it.each(HOSTILE.map((text) => [JSON.stringify(text).slice(0, 60), text]))('makes no command: %s', async (_, text) => {
    for (const verdict of ['fail', 'inconclusive'] as const) await expectInert(text, verdict);
  });

  it('makes no command, whatever it is made of', async () => {
    const part = fc.constantFrom(':', '::', '##[', '\r', '\n', ' ', '\t', '\u00a0', '\u2028', '\ufeff', 'error', '%0A');
    const text = fc.oneof(
      fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary', maxLength: 40 }),
    );
    await fc.assert(
      fc.asyncProperty(text, (outside) => expectInert(outside, 'fail')),
      // Not assigned to any character, and yet nothing is drawn for it.
      { numRuns: 40, examples: [['\u{E0080}']] },
    );
  }, 60_000);
});
