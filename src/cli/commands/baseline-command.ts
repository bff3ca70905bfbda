import { number } from '../../config/parse-values.js';
import type { Settings } from '../../config/settings.js';
import { systemClock } from '../../core/log.js';
import { guardProcess } from '../../core/process-guard.js';
import { BASELINE_UNFIT } from '../../guards/incoherent-baseline.js';
import type { Report } from '../../report/report.js';
import { reportWithoutSampling } from '../../runs/compose-report.js';
import { recordBaseline } from '../../runs/record-baseline.js';
import { exitCodeOf } from '../../verdict/exit-code.js';
import { publish } from '../print-report.js';
import { openConsole, type Terminal, tellError } from '../terminal.js';
import { settingsOf } from './run-command.js';

/** `misalignment-gate baseline`: sample and judge the baseline once, for runs to come. @returns the exit code */
export async function baselineCommand(
  { blocks: given, ...flags }: Readonly<Record<string, string>>,
  json: boolean,
  terminal: Terminal,
): Promise<number> {
  const blocks = given === undefined ? null : number('--blocks', given, { min: 1, integer: true });
  const settings = await settingsOf(withCandidate(flags), terminal);
  const console = openConsole(terminal);
  const { notes } = settings;
  const known = { run: null, notes, clock: systemClock, settings };
  const guard = guardProcess({
    lastWords: async (error) => {
      const report = reportWithoutSampling('inconclusive', [{ code: error.code, message: error.message }], known);
      tellError(error, terminal);
      await publish({ report, error: null }, { folder: settings.reportDir, replaces: 'a verdict' }, json, terminal);
    },
  });
  try {
    const ports = { log: console, clock: systemClock, run: null, notes, signal: guard.signal };
    const { kept, ...ended } = await recordBaseline(settings, blocks, ports);
    // Before its first answer nothing of an earlier recording is touched.
    const replaces = ended.error && !ended.report.answersFile ? 'a verdict' : 'anything';
    await publish(ended, { folder: settings.reportDir, replaces }, json, terminal);
    if (!isUnfit(ended.report)) terminal.stderr.write(nextStep(settings, kept));
    return exitCodeOf(ended.report.verdict);
  } finally {
    guard.release();
  }
}

/** No candidate is asked, but settings name one: the baseline stands in where none does. */
function withCandidate(flags: Readonly<Record<string, string>>): Record<string, string> {
  const { baseline, candidate = baseline } = flags;
  const same = (name: string) => flags[`candidate-${name}`] ?? flags[`baseline-${name}`];
  const [url, key] = [same('base-url'), same('api-key')];
  return {
    ...flags,
    ...(candidate === undefined ? {} : { candidate }),
    ...(url === undefined ? {} : { 'candidate-base-url': url }),
    ...(key === undefined ? {} : { 'candidate-api-key': key }),
  };
}

/** Nothing is to be done with what nothing can be compared with. */
function isUnfit({ reasons }: Report): boolean {
  return reasons.some(({ code }) => code === BASELINE_UNFIT);
}

/** What to do with the recording. */
export function nextStep(
  { reportDir, stateDir, resume }: Pick<Settings, 'reportDir' | 'stateDir' | 'resume'>,
  kept: boolean,
): string {
  const file = `--baseline report:${reportDir}/report.json (with answers.jsonl beside it)`;
  if (kept) return `Runs with the same settings take it from ${stateDir}; elsewhere give ${file}.\n`;
  const remedy = resume ? `; give --state-key to keep it in ${stateDir} as well` : '';
  return `For runs with the same settings give ${file}${remedy}.\n`;
}
