import { describeFailure } from './api-error.js';
import type { GithubClient } from './client.js';

/** The login under which the job's own token writes. */
const ACTIONS_BOT = 'github-actions[bot]';

/** Under which names what we wrote stands: the job's own token, or another one (a GitHub App's, a person's). */
export interface OwnNames {
  isOurs(author: string): boolean;
  /** Why GitHub doesn't say whose the token is; null where it does. */
  readonly unsure: string | null;
}

/** Asked once: Octokit spaces such queries a second apart. */
const names = new WeakMap<GithubClient, Promise<OwnNames>>();

export function ownNames(client: GithubClient): Promise<OwnNames> {
  const known = names.get(client) ?? ask(client);
  names.set(client, known);
  return known;
}

async function ask(client: GithubClient): Promise<OwnNames> {
  try {
    const { viewer } = await client.graphql<{ viewer: { login: string } }>('query { viewer { login } }');
    return { isOurs: (author) => [ACTIONS_BOT, viewer.login].includes(author), unsure: null };
  } catch (error) {
    // A bot's name can't be a person's, and writes here only where somebody installed it.
    return { isOurs: (author) => author.endsWith('[bot]'), unsure: describeFailure(error) };
  }
}

/** What to say where authors had to be told without GitHub's help: of whom, and how to mend it. Null where there is nothing. */
export function unsureNotice({ unsure, isOurs }: OwnNames, what: string, authors: readonly string[]): string | null {
  const others = [...new Set(authors.filter((author) => author !== ACTIONS_BOT))];
  if (unsure === null || others.length === 0) return null;
  const [taken, left] = [others.filter(isOurs), others.filter((author) => !isOurs(author))];
  const found = [
    ...(taken.length > 0 ? [`taken for its own: what ${taken.join(', ')} wrote`] : []),
    ...(left.length > 0 ? [`left alone: what ${left.join(', ')} wrote`] : []),
  ];
  return (
    `GitHub does not say whose the token is (GraphQL: ${unsure}). Of the ${what} that bear this gate's marker are ` +
    `${found.join('; ')}. Use a token that may ask GraphQL for its own name (\`viewer\`), or leave github-token out.`
  );
}
