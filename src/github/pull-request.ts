import type { Repository } from './conversation.js';

/** An open pull request, as far as the gate needs it. */
export interface OpenPullRequest {
  readonly number: number;
  readonly baseSha: string;
}

export interface HeadBranch {
  readonly name: string;
  /** `owner/name` of the repository that holds it: a fork's, or the base repository. */
  readonly repository: string;
}

/**
 * The open pull requests whose head is now this commit of this branch. A workflow run's own list of them is empty for
 * forks, and names others of the same branch.
 */
export async function openPullRequestsAt(
  { client, owner, repo }: Repository,
  branch: HeadBranch,
  sha: string,
): Promise<OpenPullRequest[]> {
  const [headOwner = ''] = branch.repository.split('/');
  const pulls = await client.paginate(client.rest.pulls.list, {
    ...{ owner, repo, state: 'open', head: `${headOwner}:${branch.name}`, per_page: 100 },
  });
  return pulls
    .filter(({ head }) => head.sha === sha && head.repo?.full_name.toLowerCase() === branch.repository.toLowerCase())
    .map(({ number, base }) => ({ number, baseSha: base.sha }));
}
