import { saveState } from '@actions/core';
import { COMMENT_MODES } from '../../config/settings.js';
import type { Logger } from '../../core/log.js';
import { publishComment } from '../../github/comment.js';
import { formerKey, type Marker, renderMarker, withPast } from '../../github/comment-marker.js';
import { runningBody } from '../../github/comment-notices.js';
import type { CommentContent, Conversation, PublishedComment } from '../../github/conversation.js';
import { type EarlierState, renderComment } from '../../report/markdown/comment-body.js';
import type { Report } from '../../report/report.js';
import { linksOf, runUrl } from '../environment.js';
import { gateName, markerFor, repositoryOf, type Session } from '../session.js';

/** Under this name the post step finds what to settle. */
export const COMMENT_STATE = 'comment';
/** And under this one what the comment said, should somebody edit it meanwhile. */
export const MARKER_STATE = 'comment-marker';

const MILLION = 1_000_000;
const VERDICTS: readonly Report['verdict'][] = ['pass', 'fail', 'inconclusive', 'skipped', 'bypassed'];

/** Verdicts for which `on-failure` creates a comment: a bypassed fail is one too. */
const NOTABLE: readonly Report['verdict'][] = ['fail', 'inconclusive', 'bypassed'];

/** Says on an existing comment that a newer commit is being tested. None is created: its first mail should hold a verdict. */
export async function announceRun(session: Session): Promise<void> {
  const { environment, log } = session;
  if (environment === null) return;
  let marker = markerFor(session, 'running');
  const content: CommentContent = {
    ...{ marker, formerKey: formerKey(gateName(session)), known: null, numbered: true, create: false },
    render: (_, earlier = null) => {
      marker = withPast(marker, earlier);
      return runningBody(marker, runUrl(environment));
    },
  };
  // What goes wrong here goes wrong again when the verdict is written, and is told then.
  const published = await publish(session, content, { ...log, warning: log.debug, notice: log.debug });
  if (published === null) return;
  session.comment = { id: published.id, marker };
  saveState(COMMENT_STATE, JSON.stringify({ repository: environment.repository, id: published.id }));
  saveState(MARKER_STATE, renderMarker(marker));
}

/** Writes the verdict into the pull request's comment. Best effort; the comment's address, or null. */
export async function commentVerdict(session: Session, report: Report): Promise<string | null> {
  const { environment, settings, log } = session;
  const rate = report.statistics?.candidateRate?.estimate;
  const marker = {
    ...markerFor(session, report.verdict),
    rate: rate === undefined ? undefined : Math.round(rate * MILLION),
  };
  const excerpts = settings?.excerptsIn === 'comment' ? settings.excerpts : 0;
  const links = environment === null ? {} : linksOf(environment);
  const content: CommentContent = {
    ...{ marker, formerKey: formerKey(gateName(session)), known: session.comment, numbered: true },
    create: NOTABLE.includes(report.verdict) || commentMode(session) === 'always',
    render: (maxBytes, earlier = null) => {
      const full = withPast(marker, earlier);
      const state = { marker: renderMarker(full), headSha: marker.headSha, earlier: earlierState(full) };
      return renderComment(report, { excerpts, maxBytes, links, ...state });
    },
  };
  const published = await publish(session, content, log);
  // What a verdict was written into has nothing left to settle.
  if (published !== null && session.comment !== null) saveState(MARKER_STATE, '');
  return published?.url ?? null;
}

/** What the comment said before, as its marker tells: somebody may have written that, so it is only ever shown. */
function earlierState({ was }: Marker): EarlierState | null {
  const verdict = VERDICTS.find((name) => name === was?.state);
  if (was === undefined || verdict === undefined) return null;
  return { verdict, headSha: was.headSha, rate: was.rate === undefined ? null : was.rate / MILLION };
}

async function publish(session: Session, content: CommentContent, log: Logger): Promise<PublishedComment | null> {
  const { environment, event } = session;
  if (!environment || !event?.pullRequest || event.name === 'merge_group') return null;
  if (commentMode(session) === 'never') return null;
  const { number: issue, locked = false } = event.pullRequest;
  const converse = async (): Promise<Conversation> => ({ ...(await repositoryOf(session)), issue, locked });
  const { commentKey } = gateName(session);
  return publishComment(converse, { ...content, exclusive: commentKey === null }, log);
}

/** Also when an error came before the settings were known: a green comment on an older commit must not stay green. */
function commentMode({ settings, inputs }: Session): (typeof COMMENT_MODES)[number] {
  return settings?.comment ?? COMMENT_MODES.find((mode) => mode === inputs.values.comment) ?? 'always';
}
