import { readFile } from 'node:fs/promises';
import { candidateInCheckout, parseCandidateFile } from '../config/candidate-file.js';
import { INPUTS } from '../config/inputs.js';
import { missingSecrets, resolveSettings } from '../config/resolve.js';
import type { ResolveRequest, Settings, SettingsFile } from '../config/settings.js';
import { ConfigError, ProviderError, toKnownError } from '../errors.js';
import { exitCodeOf } from '../exit-code.js';
import { runGate } from '../gate.js';
import { reportWithoutSampling } from '../gate-report.js';
import { systemClock } from '../log.js';
import type { Report } from '../report/report.js';
import { writeReportFiles } from '../report-files.js';
import { printReport } from './print-report.js';
import { cancelOnSignals } from './signals.js';
import { type Console, openConsole, type Terminal } from './terminal.js';

const DEFAULT_CONFIG = '.github/misalignment-gate.yml';

/** `misalignment-gate run`. @returns the exit code */
export async function runCommand(
  given: Readonly<Record<string, string>>,
  json: boolean,
  terminal: Terminal,
): Promise<number> {
  const console = openConsole(terminal);
  let settings: (Settings & { readonly notes: readonly string[] }) | null = null;
  try {
    settings = await settingsOf(given, terminal);
    noteIdleFlags(given, console);
    const keyless = missingSecrets(settings);
    const report = keyless.length > 0 ? withoutKeys(settings, keyless) : await run(settings, console);
    await publish(report, settings, json, terminal);
    return exitCodeOf(report.verdict);
  } catch (thrown) {
    console.clear();
    const error = toKnownError(thrown);
    // Who asked for JSON gets a report in any case; who did not reads the message alone.
    if (json) {
      const reasons = [{ code: error.code, message: error.message }];
      const known = { run: null, notes: settings?.notes ?? [], clock: systemClock, ...(settings ? { settings } : {}) };
      await printReport(reportWithoutSampling('inconclusive', reasons, known), true, terminal);
    }
    throw thrown;
  }
}

/** Nobody should wait for a comment that no terminal posts. In a settings file, which the Action reads too, they are at home. */
function noteIdleFlags(given: Readonly<Record<string, string>>, console: Console): void {
  const idle = INPUTS.filter(({ name, onGitHub }) => onGitHub && given[name]).map(({ name }) => `--${name}`);
  if (idle.length === 0) return;
  console.notice(`${idle.join(', ')}: what this sets is done by the Action; the command line does nothing with it.`);
}

/** @throws ConfigError */
export async function settingsOf(given: Readonly<Record<string, string>>, { environment }: Terminal) {
  const { config, ...values } = given;
  const request: ResolveRequest = {
    given: { values, source: 'flag' },
    file: await readSettings(config),
    environment,
    fileWins: false,
  };
  const asGiven = resolveSettings(request);
  const file = parseCandidateFile(asGiven.candidate.reference);
  if (file === null) return asGiven;
  return resolveSettings({ ...request, candidateFromFile: await candidateInCheckout(file, '.') });
}

async function readSettings(path: string | undefined): Promise<SettingsFile | null> {
  try {
    const text = await readFile(path ?? DEFAULT_CONFIG, 'utf8');
    return { text, path: path ?? DEFAULT_CONFIG, where: 'checkout' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (path === undefined && (code === 'ENOENT' || code === 'ENOTDIR')) return null;
    throw new ConfigError(
      'config.file',
      `config: ${JSON.stringify(path ?? DEFAULT_CONFIG)} can't be read (${code}); name a settings file that exists`,
    );
  }
}

async function run(settings: Settings & { readonly notes: readonly string[] }, console: Console): Promise<Report> {
  const { signal, release } = cancelOnSignals();
  try {
    const { candidate, baseline, notes } = settings;
    console.info(`Comparing ${candidate.reference} with ${baseline.reference} …`);
    const ports = { log: console, clock: systemClock, run: null, notes, signal, onProgress: console.progress };
    return (await runGate(settings, ports)).report;
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new ProviderError('run.cancelled', 'The run was cancelled before it came to a verdict.', { cause: error });
  } finally {
    release();
    console.clear();
  }
}

function withoutKeys(settings: Settings & { readonly notes: readonly string[] }, names: readonly string[]): Report {
  const message = `${[...new Set(names)].join(', ')}: no key given for OpenAI's API. Set OPENAI_API_KEY, or give the base-url of a server that needs none`;
  if (settings.onMissingSecrets === 'fail') throw new ConfigError('config.missing-secrets', message);
  const reason = { code: 'missing-secrets', message };
  return reportWithoutSampling('skipped', [reason], { run: null, notes: settings.notes, clock: systemClock, settings });
}

async function publish(report: Report, { reportDir }: Settings, json: boolean, terminal: Terminal): Promise<void> {
  try {
    await writeReportFiles(reportDir, report);
  } catch (cause) {
    throw new ConfigError(
      'config.report-dir',
      `report-dir: the report can't be written to ${JSON.stringify(reportDir)} (${String(cause)})`,
      { cause },
    );
  }
  await printReport(report, json, terminal);
  terminal.stderr.write(`Report files: ${reportDir}\n`);
}
