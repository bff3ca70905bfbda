import { apiFailure, describeFailure, remedyOf } from './api-error.js';
import { repositoryReader } from './contents.js';
import type { Repository } from './conversation.js';

/** The one file that says that a branch is ours. */
export const HISTORY_FILE = 'history.jsonl';

/** A history branch of one repository. */
export interface HistoryBranch extends Repository {
  readonly branch: string;
}

/** What one run adds. */
export interface HistoryEntry {
  /** One line, its line break included. */
  readonly line: string;
  /** Files that replace what stands there: the badge. */
  readonly files: Readonly<Record<string, string>>;
  readonly message: string;
}

/** Runs that end together take turns; each try begins from the branch as it then is. */
const MAX_TRIES = 8;
const WAIT_MS = 400;
/** Every run uploads the whole file; ours takes ten thousand runs to grow so large. */
const MAX_LENGTH = 50_000_000;

/** Nothing is written to this branch: it is not the gate's, or no longer of use. */
class UnusableBranch extends Error {}

/** Where the branch stands, with its history; null where there is no such branch. */
interface Tip {
  readonly sha: string;
  readonly text: string;
}

/**
 * The history as it is now; empty where the branch is yet to be made.
 * @throws whatever GitHub's API answers, see `historyAdvice`
 */
export async function readHistory(place: HistoryBranch): Promise<string> {
  return (await tipOf(place))?.text ?? '';
}

/**
 * Appends a line in a commit of its own, through the Git data API: nothing is checked out, and nobody's commit is lost when
 * two runs append at once. Makes the branch, without any history of the code, when it is missing.
 * @throws whatever GitHub's API answers, see `historyAdvice`
 */
export async function appendHistory(
  place: HistoryBranch,
  entry: HistoryEntry,
  wait: (milliseconds: number) => Promise<void> = sleep,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const tip = await tipOf(place);
    // A retried request may have done its work before the answer was lost.
    if (tip?.text.includes(entry.line)) return;
    try {
      await move(place, tip, await commit(place, tip, entry));
      return;
    } catch (error) {
      if (tries === MAX_TRIES || !isRace(error)) throw error;
      await wait(WAIT_MS * tries * (0.5 + Math.random()));
    }
  }
}

async function tipOf(place: HistoryBranch): Promise<Tip | null> {
  const { client, branch, ...repository } = place;
  const sha = await client.rest.git.getRef({ ...names(repository), ref: `heads/${branch}` }).then(
    ({ data }) => data.object.sha,
    (error: unknown) => {
      if (apiFailure(error)?.status === 404) return null;
      throw error;
    },
  );
  if (sha === null) return null;
  const revision = { sha, repository: `${place.owner}/${place.repo}` };
  const text = await repositoryReader(client).readText(HISTORY_FILE, revision);
  if (text === null) throw new UnusableBranch(`the branch exists and has no ${HISTORY_FILE}: it is not the gate's own`);
  if (text.length > MAX_LENGTH) throw new UnusableBranch(`its ${HISTORY_FILE} is larger than a run can carry`);
  return { sha, text };
}

async function commit(place: HistoryBranch, tip: Tip | null, entry: HistoryEntry): Promise<string> {
  const { git } = place.client.rest;
  const repository = names(place);
  const texts = { ...entry.files, [HISTORY_FILE]: withLine(tip?.text ?? '', entry.line) };
  // Texts in the tree itself, and no blobs of their own: Octokit spaces writes a second apart.
  const files = Object.entries(texts).map(
    ([path, content]) => ({ path, mode: '100644', type: 'blob', content }) as const,
  );
  const base = tip && (await git.getCommit({ ...repository, commit_sha: tip.sha })).data.tree.sha;
  const { data: tree } = await git.createTree({ ...repository, tree: files, ...(base ? { base_tree: base } : {}) });
  const parents = tip ? [tip.sha] : [];
  const { data } = await git.createCommit({ ...repository, message: entry.message, tree: tree.sha, parents });
  return data.sha;
}

function withLine(text: string, line: string): string {
  const whole = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${whole}${line}`;
}

async function move(place: HistoryBranch, tip: Tip | null, sha: string): Promise<void> {
  const { git } = place.client.rest;
  const ref = `heads/${place.branch}`;
  if (tip) await git.updateRef({ ...names(place), ref, sha, force: false });
  else await git.createRef({ ...names(place), ref: `refs/${ref}`, sha });
}

function names({ owner, repo }: Omit<Repository, 'client'>) {
  return { owner, repo };
}

/** Somebody else moved or made the branch meanwhile. */
function isRace(error: unknown): boolean {
  const failure = apiFailure(error);
  if (failure === null) return false;
  return (
    failure.status === 409 ||
    (failure.status === 422 && /fast.forward|already exists|update failed/i.test(failure.message))
  );
}

/** What went wrong with the history, and how it is mended. The verdict stands. */
export function historyAdvice(error: unknown, branch: string, done: 'read' | 'written'): string {
  const problem = `history-branch: ${branch} could not be ${done} (${describeFailure(error)}); the verdict stands.`;
  if (error instanceof UnusableBranch) return `${problem} Name another branch, which the gate makes by itself.`;
  const failure = apiFailure(error);
  if (isRace(error))
    return `${problem} Other runs were appending at the same time; this one is missing from the trend.`;
  if (failure?.status === 422 || /protected|rule/i.test(failure?.message ?? '')) {
    return `${problem} A ruleset or branch protection stands in the way: exempt this branch, or let GitHub Actions bypass the rule.`;
  }
  return (
    problem +
    remedyOf(
      error,
      "The job's token lacks a permission: add `contents: write` under `permissions:` of the job. " +
        'On pull requests from forks and by Dependabot the token stays read-only; there leave history-branch out.',
    )
  );
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
