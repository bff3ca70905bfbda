import { loadBattery } from '../../battery/load.js';
import type { Settings } from '../../config/settings.js';
import { describeFailure, remedyOf } from '../../github/api-error.js';
import { artifactFiles } from '../../github/artifacts.js';
import { parseReport } from '../../report/json/report-json.js';
import type { Report } from '../../report/report.js';
import { openSealed } from '../../state/seal.js';
import type { GateEvent } from '../event/event.js';
import type { Outcome } from '../outcome.js';
import { repositoryOf, runInfo, type Session } from '../session.js';
import { SEALED_FILE, sealVoucher, subjectOf } from './seal-verdict.js';

/** How the artifacts are named that the workflows of the cookbook upload. */
const ARTIFACT_PREFIX = 'misalignment-report';
/** What happened to a pull request without a new commit. */
const SAME_HEAD = ['edited', 'labeled', 'unlabeled'];

/** Which earlier verdict would do. */
interface Wanted {
  /** The commit whose workflow runs may hold it. */
  readonly headSha: string;
  /** Whether it must be about that commit; else the digest in its subject ties it to the same weights. */
  readonly sameHead: boolean;
  readonly verdicts: readonly Report['verdict'][];
}

/**
 * The verdict that an earlier run reached on the same subject, from its artifact, if the seal proves it: for events that
 * bring no new commit, and for merge groups, where the digest tells that the weights are the same. Null: it must be sampled.
 */
export async function reissued(
  session: Session,
  settings: Settings,
  readText: (path: string) => Promise<string>,
): Promise<Outcome | null> {
  if (session.event === null || !mayReissue(session.event, settings)) return null;
  const voucher = sealVoucher(settings);
  if ('why' in voucher) {
    session.log.notice(`No earlier verdict is taken over: ${voucher.why}.`);
    return null;
  }
  try {
    const { hash } = await loadBattery(settings.battery, { readText });
    const subject = subjectOf(settings, hash);
    const wanted = await wantedFor(session, session.event);
    const found = subject && wanted && (await find(session, voucher.secret, subject, wanted));
    if (found) return taken(session, found);
    const where = 'No sealed report of an earlier run on the same candidate and settings was found';
    session.log.info(`${where} among the artifacts ${ARTIFACT_PREFIX}*: it is sampled.`);
  } catch (error) {
    const mend = remedyOf(error, 'Give the job’s token `actions: read`.');
    session.log.notice(`Earlier runs’ reports can't be read (${describeFailure(error)}): it is sampled.${mend}`);
  }
  return null;
}

function mayReissue({ name, action, pullRequest, queued }: GateEvent, { candidate }: Settings): boolean {
  if (name === 'merge_group') return queued !== null && candidate.digest !== null;
  return pullRequest !== null && SAME_HEAD.includes(action ?? '');
}

async function wantedFor(session: Session, { queued, head, pullRequest }: GateEvent): Promise<Wanted | null> {
  if (pullRequest) return { headSha: head.sha, sameHead: true, verdicts: ['pass', 'fail', 'inconclusive'] };
  if (queued === null) return null;
  const { client, owner, repo } = await repositoryOf(session);
  const { data } = await client.rest.pulls.get({ owner, repo, pull_number: queued });
  return { headSha: data.head.sha, sameHead: false, verdicts: ['pass', 'fail'] };
}

interface Found {
  readonly report: Report;
  /** The sealed file's text, to be kept again. */
  readonly text: string;
}

async function find(session: Session, secret: string, subject: string, wanted: Wanted): Promise<Found | null> {
  const question = { headSha: wanted.headSha, prefix: ARTIFACT_PREFIX, file: SEALED_FILE };
  for await (const text of artifactFiles(await repositoryOf(session), question)) {
    const sealed = openSealed(secret, text);
    if (sealed === null) {
      session.log.notice(`An artifact holds a ${SEALED_FILE} that this run's key did not seal; it is not used.`);
      continue;
    }
    if (sealed.subject !== subject) continue;
    const report = parseReport(sealed.report, SEALED_FILE);
    const here = report.run?.repository === session.environment?.repository;
    const there = !wanted.sameHead || report.run?.headSha === wanted.headSha;
    if (here && there && wanted.verdicts.includes(report.verdict)) return { report, text };
  }
  return null;
}

function taken(session: Session, { report, text }: Found): Outcome {
  const from = report.run ? `run ${report.run.runId} on commit ${report.run.headSha.slice(0, 7)}` : 'an earlier run';
  const note =
    `This verdict is that of ${from}, taken over without sampling again: same candidate, battery and settings; ` +
    'its seal was verified.';
  session.log.notice(note);
  session.carried = text;
  const usage = { ...report.usage, requests: 0, costUsd: 0 };
  const notes = [note, ...session.notes.filter((one) => !report.notes.includes(one)), ...report.notes];
  return { error: null, report: { ...report, usage, notes, run: runInfo(session), override: null } };
}
