import type { Logger } from '../core/log.js';
import { COMMENT_MAX_BYTES } from '../report/markdown/comment-body.js';
import { apiFailure, describeFailure, remedyOf } from './api-error.js';
import { isNewer, type Marker, ofThisGate, parseMarker } from './comment-marker.js';
import type { Repository } from './conversation.js';
import { ownNames, unsureNotice } from './own-login.js';

/** One run's verdict, as the tracking issue shows it. */
export interface TrackedVerdict {
  readonly marker: Marker;
  /** Under which key an earlier version wrote this gate's issue, `formerKey`; null for none. */
  readonly formerKey: string | null;
  readonly title: string;
  /** The issue's text, marker first, in at most so many UTF-8 bytes. */
  readonly render: (maxBytes: number) => string;
  /** What is said in the issue of a run that does not fail. */
  readonly remark: string;
}

interface OwnIssue {
  readonly number: number;
  readonly marker: Marker;
  readonly url: string;
}

/**
 * Keeps one issue for this gate: opened by a fail, brought up to date by the next, closed by a pass. A run without a verdict
 * leaves it as it is, with a remark: the gate has not recovered, and nothing new is known. Best effort, like the comment.
 */
export async function trackIssue(
  connect: () => Promise<Repository>,
  verdict: TrackedVerdict,
  log: Logger,
): Promise<void> {
  try {
    const repository = await connect();
    const [first, ...others] = await openIssues(repository, verdict, log);
    if (first && isNewer(first.marker, verdict.marker)) {
      log.info(`The tracking issue is by a newer run (${first.marker.runId}) and was left as it is: ${first.url}`);
      return;
    }
    await follow(repository, verdict, first ?? null, log);
    // Two runs that found none both opened one.
    if (first) for (const { number } of others) await close(repository, number, 'not_planned');
  } catch (error) {
    log.warning(issueAdvice(error));
  }
}

async function follow(
  repository: Repository,
  { marker, title, render, remark }: TrackedVerdict,
  issue: OwnIssue | null,
  log: Logger,
): Promise<void> {
  const { issues } = repository.client.rest;
  const place = { owner: repository.owner, repo: repository.repo };
  switch (marker.state) {
    case 'fail': {
      const text = { ...place, title, body: render(COMMENT_MAX_BYTES) };
      const { data } = issue ? await issues.update({ ...text, issue_number: issue.number }) : await issues.create(text);
      log.info(`Tracking issue: ${data.html_url}`);
      return;
    }
    case 'pass':
    case 'inconclusive':
      if (issue === null) return;
      await issues.createComment({ ...place, issue_number: issue.number, body: remark });
      if (marker.state === 'pass') await close(repository, issue.number, 'completed');
      log.info(`Tracking issue: ${issue.url}`);
      return;
    case 'running':
    case 'cancelled':
    case 'skipped':
    case 'bypassed':
  }
}

async function close(
  { client, owner, repo }: Repository,
  number: number,
  reason: 'completed' | 'not_planned',
): Promise<void> {
  await client.rest.issues.update({ owner, repo, issue_number: number, state: 'closed', state_reason: reason });
}

/** Our open issues of this gate, oldest first: the marker comes first in them, and we wrote them. */
async function openIssues(
  { client, owner, repo }: Repository,
  { marker: wanted, formerKey }: TrackedVerdict,
  log: Logger,
): Promise<OwnIssue[]> {
  const parameters = { owner, repo, state: 'open', per_page: 100 } as const;
  const issues = await client.paginate(client.rest.issues.listForRepo, parameters);
  const marked = issues.flatMap(({ number, body, html_url: url, user, pull_request }) => {
    const marker = pull_request ? null : parseMarker(body ?? '');
    return marker && [wanted.key, formerKey].includes(marker.key)
      ? [{ number, marker, url, author: user?.login ?? '' }]
      : [];
  });
  if (marked.length === 0) return [];
  const names = await ownNames(client);
  const notice = unsureNotice(
    names,
    'issues',
    marked.map(({ author }) => author),
  );
  if (notice !== null) log.notice(notice);
  const found = marked.filter(({ author }) => names.isOurs(author)).sort((one, other) => one.number - other.number);
  return ofThisGate(found, wanted);
}

function issueAdvice(error: unknown): string {
  const problem = `issue-on-failure: the tracking issue could not be written (${describeFailure(error)}); the verdict stands.`;
  if (apiFailure(error)?.status === 410)
    return `${problem} Issues are switched off in this repository: switch them on, or leave issue-on-failure out.`;
  const permission = "The job's token lacks a permission: add `issues: write` under `permissions:` of the job.";
  return problem + remedyOf(error, permission);
}
