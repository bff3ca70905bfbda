import { resolve } from 'node:path';
import { parseCandidateFile } from '../config/candidate-file.js';
import { path } from '../config/parse-values.js';
import { missingSecrets, resolveSettings } from '../config/resolve.js';
import type { ResolveRequest, Settings } from '../config/settings.js';
import { ConfigError, type KnownError, toKnownError } from '../core/errors.js';
import { readUtf8File } from '../core/files.js';
import { guardProcess } from '../core/process-guard.js';
import type { runGate } from '../gate.js';
import type { writeReportFiles } from '../output/report-dir.js';
import type { Report } from '../report/report.js';
import type { reportWithoutSampling } from '../runs/compose-report.js';
import type { Reason } from '../verdict/verdict.js';
import { overruled, takeLabelOff } from './apply-override.js';
import { noteEarlierStep, reportFolder } from './earlier-step.js';
import { type RunnerEnvironment, readEnvironment } from './environment.js';
import { withCommentedPull } from './event/commented-pull.js';
import { type GateEvent, readEvent } from './event/event.js';
import { refuseForeignCheckout } from './event/foreign-checkout.js';
import { withPullRequest } from './event/workflow-run.js';
import { progressLog } from './logger.js';
import type { Outcome } from './outcome.js';
import { announceNoVerdict, publish, publishAtOnce } from './publish/publish.js';
import { announceCheck } from './publish/publish-check.js';
import { announceRun } from './publish/publish-comment.js';
import { recallHistory } from './publish/publish-history.js';
import { configFrom } from './read-inputs.js';
import { reissued } from './reuse/reuse-verdict.js';
import { keepSealed } from './reuse/seal-verdict.js';
import { attemptsScope, inWorkspace, once, openSession, runInfo, type Session } from './session.js';
import { proposedCandidate } from './settings/proposed-candidate.js';
import { type SettingsSource, settingsSource } from './settings/source.js';
import { restoreFromCache } from './state-cache.js';

/** The gate itself, a parameter so that the Action's own steps can be tested without models. */
export interface Gate {
  readonly runGate: typeof runGate;
  readonly reportWithoutSampling: typeof reportWithoutSampling;
  readonly writeReportFiles: typeof writeReportFiles;
}

/** The Action from the event to the step's result. Never rejects: what can't be reported fails the step. */
export async function run(gate: Gate): Promise<void> {
  announceNoVerdict();
  const session = openSession();
  // Somebody who cancels the workflow sends a signal, soon another, and kills the step some seconds later.
  const guard = guardProcess({
    lastWords: (error) => publishAtOnce(session, explain(session, gate, error), gate.writeReportFiles),
  });
  session.signal = guard.signal;
  await gateStep(session, gate).finally(guard.release);
}

async function gateStep(session: Session, gate: Gate): Promise<void> {
  const outcome = await decide(session, gate).catch((error: unknown) => explain(session, gate, error));
  await keepSealed(session, outcome);
  const decided = await overruled(session, outcome);
  const report = await recallHistory(session, decided.report);
  await publish(session, { ...decided, report }, gate.writeReportFiles);
}

async function decide(session: Session, gate: Gate): Promise<Outcome> {
  const environment = readEnvironment(process.env);
  session.environment = environment;
  const read = await withCommentedPull(session, await readEvent(environment));
  const { event, notes } = await withPullRequest(session, read);
  session.event = event;
  await refuseForeignCheckout(event, environment.workspace);
  const source = await readSettingsSource(session, environment, event);
  session.notes = [...notes, ...source.notes];
  const { settings, unchanged } = await resolveProposal(session, environment, event, source);
  session.settings = settings;
  session.notes = [...session.notes, ...settings.notes, ...caveats(event, settings)];
  noteEarlierStep(session);
  await takeLabelOff(session);
  if (unchanged) return skipped(session, gate, unchanged);
  const keyless = missingSecrets(settings);
  if (keyless.length > 0) return withoutKeys(session, gate, keyless);
  const readText = source.readText ?? ((path: string) => readUtf8File(resolve(environment.workspace, path)));
  const earlier = await reissued(session, settings, readText);
  if (earlier) return earlier;
  await announceRun(session);
  await announceCheck(session);
  return sample(session, gate, settings, source);
}

function readSettingsSource(session: Session, environment: RunnerEnvironment, event: GateEvent) {
  const { inputs, reader } = session;
  const { repository, ref, workspace } = environment;
  const from = configFrom(inputs);
  return settingsSource({
    event,
    repository,
    ref,
    workspace,
    path: path('config', inputs.config),
    pathGiven: inputs.configGiven,
    from,
    reader,
  });
}

/** The settings, with the candidate that the pull request's file names put in its place. */
async function resolveProposal(
  session: Session,
  environment: RunnerEnvironment,
  event: GateEvent,
  source: SettingsSource,
): Promise<{ settings: ReturnType<typeof resolveSettings>; unchanged: Reason | null }> {
  const request: ResolveRequest = {
    given: { values: session.inputs.values, source: 'input' },
    file: source.file,
    environment: process.env,
    fileWins: event.proposed,
  };
  const asGiven = resolveGiven(request, source);
  const file = parseCandidateFile(asGiven.candidate.reference);
  if (file === null) return { settings: asGiven, unchanged: null };
  const rules = { scope: asGiven.candidateScope, pattern: asGiven.candidatePattern };
  const digest = source.file !== null && isOfFile(asGiven) ? null : asGiven.candidate.digest;
  const asked = { ...environment, event, rules, digest, reader: session.reader };
  const proposal = await proposedCandidate(file, asked);
  const settings = resolveSettings({ ...request, candidateFromFile: proposal.candidate });
  const name = JSON.stringify(proposal.candidate.reference);
  session.log.info(`Candidate: ${name}, from ${asGiven.candidate.reference}`);
  const message = `candidate unchanged: ${file.path} names ${name} at the head and where this change began, ${SAME[rules.scope]}`;
  return { settings, unchanged: proposal.unchanged ? { code: 'candidate-unchanged', message } : null };
}

/** Where the settings could not be looked for, that is told with what is missing. */
function resolveGiven(request: ResolveRequest, { hint }: SettingsSource): ReturnType<typeof resolveSettings> {
  try {
    return resolveSettings(request);
  } catch (error) {
    if (hint === null || !(error instanceof ConfigError) || error.code !== 'config.missing') throw error;
    throw new ConfigError(error.code, `${error.message}\n${hint}`);
  }
}

const SAME: Readonly<Record<Settings['candidateScope'], string>> = {
  file: 'and nothing else in the file differs',
  mapping: 'and nothing beside it differs',
  value: 'whatever else differs in the file',
};

/** A digest of the default branch's own settings is the base's too. */
function isOfFile({ effective }: Settings): boolean {
  return effective.some(({ name, source }) => name === 'candidate-digest' && source === 'file');
}

function caveats(event: GateEvent, { candidate }: Settings): string[] {
  if (!event.proposed || !candidate.reference.startsWith('replay:')) return [];
  return ['The candidate is a recording from the checkout, supplied by the pull request itself: no model was asked.'];
}

function withoutKeys(session: Session, gate: Gate, names: readonly string[]): Outcome {
  const message =
    `${[...new Set(names)].join(', ')}: no key given for OpenAI's API. Secrets are not handed to pull requests from forks ` +
    'and by Dependabot; elsewhere give `api-key` from a secret, or the base-url of a server that needs none. ' +
    'With `on-missing-secrets: skip` such runs are skipped';
  if (session.settings?.onMissingSecrets !== 'skip') throw new ConfigError('config.missing-secrets', message);
  return skipped(session, gate, { code: 'missing-secrets', message });
}

async function sample(session: Session, gate: Gate, settings: Settings, source: SettingsSource): Promise<Outcome> {
  const { log, clock, signal } = session;
  const { report, error, tracks } = await gate.runGate(
    { ...settings, reportDir: reportFolder(session), stateDir: inWorkspace(session, settings.stateDir) },
    {
      ...{ log, clock, run: runInfo(session), notes: session.notes, signal },
      scope: attemptsScope(session),
      restore: restoreFromCache(session),
      onProgress: progressLog(log, clock),
      llamaFolder: once(() => llamaFolder(session, signal)),
      ...(source.readText ? { readText: source.readText } : {}),
    },
  );
  session.tracks = tracks;
  return error ? stoppedBy(session, gate, error, report) : { report, error };
}

/** llama.cpp for embedded models, installed only when one is opened. */
async function llamaFolder({ log }: Session, signal: AbortSignal): Promise<string> {
  const { ensureLlamaPackage } = await import('./llama/install.js');
  return ensureLlamaPackage({ log, environment: process.env, signal });
}

function skipped(session: Session, gate: Gate, reason: Reason): Outcome {
  return { report: withoutSampling(session, gate, 'skipped', reason), error: null };
}

/** An error as a verdict: never pass, never fail; the report says what is wrong and how to mend it. */
function explain(session: Session, gate: Gate, thrown: unknown): Outcome {
  const error = toKnownError(thrown);
  const reason = { code: error.code, message: error.message };
  return stoppedBy(session, gate, error, withoutSampling(session, gate, 'inconclusive', reason));
}

function stoppedBy(session: Session, gate: Gate, error: KnownError, report: Report): Outcome {
  const { code, message } = error;
  const isKeyless = code === 'endpoint.key-missing' && report.statistics === null;
  if (isKeyless && session.settings?.onMissingSecrets === 'skip') {
    return skipped(session, gate, { code, message });
  }
  if (error.exitCode === 4) session.log.debug(stacksOf(error));
  return { error, report };
}

function stacksOf({ stack, cause }: Error): string {
  return [stack, cause instanceof Error ? cause.stack : cause].filter(Boolean).join('\n');
}

function withoutSampling(session: Session, gate: Gate, verdict: 'skipped' | 'inconclusive', reason: Reason) {
  const { settings, notes, clock } = session;
  const known = { run: runInfo(session), notes, clock, ...(settings ? { settings } : {}) };
  return gate.reportWithoutSampling(verdict, [reason], known);
}
