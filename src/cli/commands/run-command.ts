import { candidateInCheckout, parseCandidateFile } from '../../config/candidate-file.js';
import { DEFAULT_CONFIG_PATH, findSettings } from '../../config/find-settings.js';
import { INPUTS } from '../../config/inputs.js';
import { path as pathOf } from '../../config/parse-values.js';
import { missingSecrets, resolveSettings } from '../../config/resolve.js';
import { DEFAULT_REPORT_DIR } from '../../config/sections/general-settings.js';
import type { ResolveRequest, Settings, SettingsFile } from '../../config/settings.js';
import { ConfigError, isKnownError, type KnownError, toKnownError } from '../../core/errors.js';
import { systemClock } from '../../core/log.js';
import { guardProcess } from '../../core/process-guard.js';
import { readRegularFile } from '../../core/regular-file.js';
import { isSharedMachine, refuseLinkOut } from '../../core/workspace.js';
import { readDocument } from '../../core/yaml.js';
import { runGate } from '../../gate.js';
import { type Folders, overwritten } from '../../output/report-dir.js';
import { reportWithoutSampling } from '../../runs/compose-report.js';
import { exitCodeOf } from '../../verdict/exit-code.js';
import { type Ended, publish } from '../print-report.js';
import { type Console, openConsole, type Terminal, tellError } from '../terminal.js';

type Noted = Settings & { readonly notes: readonly string[] };

/** `misalignment-gate run`. @returns the exit code */
export async function runCommand(
  given: Readonly<Record<string, string>>,
  json: boolean,
  terminal: Terminal,
): Promise<number> {
  const console = openConsole(terminal);
  let settings: Noted | null = null;
  const tell = async (ended: Ended) => {
    const folders = settings ?? (await foldersOf(given));
    const replaces = overwritten(folders) !== null ? 'nothing' : settings ? 'anything' : 'a verdict';
    await publish(ended, { folder: folders.reportDir, replaces }, json, terminal);
  };
  const guard = guardProcess({
    lastWords: (error) => tell(endedBy(error, settings)).catch(() => tellError(error, terminal)),
  });
  let ended: Ended;
  try {
    settings = await settingsOf(given, terminal);
    noteIdleFlags(given, console);
    const keyless = missingSecrets(settings);
    ended = keyless.length > 0 ? withoutKeys(settings, keyless) : await run(settings, console, guard.signal);
  } catch (thrown) {
    console.clear();
    ended = endedBy(toKnownError(thrown), settings);
  }
  await tell(ended).finally(guard.release);
  return exitCodeOf(ended.report.verdict);
}

/** Where flags and file, right or wrong, would have had the run read and write. */
async function foldersOf(given: Readonly<Record<string, string>>): Promise<Folders> {
  const document = readDocument(await readRegularFile(given.config ?? DEFAULT_CONFIG_PATH).then(String, () => ''));
  const file = typeof document === 'string' ? null : (document.data as Readonly<Record<string, unknown>> | null);
  const said = (name: string) => {
    const value = given[name] || file?.[name];
    return typeof value === 'string' ? value : '';
  };
  return {
    reportDir: said('report-dir') || DEFAULT_REPORT_DIR,
    candidate: { reference: said('candidate') },
    baseline: { reference: said('baseline') },
  };
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
    file: await readSettings(config, environment),
    environment,
    fileWins: false,
  };
  const asGiven = resolveSettings(request);
  const file = parseCandidateFile(asGiven.candidate.reference);
  if (file === null) return asGiven;
  const rules = { scope: asGiven.candidateScope, pattern: asGiven.candidatePattern };
  return resolveSettings({ ...request, candidateFromFile: await candidateInCheckout(file, '.', rules) });
}

async function readSettings(
  given: string | undefined,
  environment: ResolveRequest['environment'],
): Promise<SettingsFile | null> {
  // The settings lying there may be a proposal too.
  const trusted = !isSharedMachine(environment);
  const path = pathOf('config', given ?? DEFAULT_CONFIG_PATH);
  const pathGiven = given !== undefined;
  const found = await findSettings({ path, pathGiven, where: 'checkout', trusted, read: (name) => readHere(name) });
  if (found === null && pathGiven) throw unreadable(path, 'ENOENT');
  return found;
}

/** Null where there is none. */
async function readHere(path: string): Promise<string | null> {
  await refuseLinkOut(path);
  try {
    return (await readRegularFile(path)).toString('utf8');
  } catch (error) {
    if (isKnownError(error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw unreadable(path, code);
  }
}

function unreadable(path: string, code: string | undefined): ConfigError {
  const problem = `config: ${JSON.stringify(path)} can't be read (${code}); name a settings file that exists`;
  return new ConfigError('config.file', problem);
}

async function run(settings: Noted, console: Console, signal: AbortSignal): Promise<Ended> {
  try {
    const { candidate, baseline, notes } = settings;
    console.info(`Comparing ${candidate.reference} with ${baseline.reference} …`);
    const ports = { log: console, clock: systemClock, run: null, notes, signal, onProgress: console.progress };
    return await runGate(settings, ports);
  } finally {
    console.clear();
  }
}

function endedBy(error: KnownError, settings: Noted | null): Ended {
  const reasons = [{ code: error.code, message: error.message }];
  const known = { run: null, notes: settings?.notes ?? [], clock: systemClock, ...(settings ? { settings } : {}) };
  return { report: reportWithoutSampling('inconclusive', reasons, known), error };
}

function withoutKeys(settings: Noted, names: readonly string[]): Ended {
  const message = `${[...new Set(names)].join(', ')}: no key given for OpenAI's API. Set OPENAI_API_KEY, or give the base-url of a server that needs none`;
  if (settings.onMissingSecrets === 'fail') throw new ConfigError('config.missing-secrets', message);
  const reason = { code: 'missing-secrets', message };
  const known = { run: null, notes: settings.notes, clock: systemClock, settings };
  return { report: reportWithoutSampling('skipped', [reason], known), error: null };
}
