import type { GithubClient } from './client.js';

/** The login under which the job's own token writes. */
const ACTIONS_BOT = 'github-actions[bot]';

/** Asked once: Octokit spaces such queries a second apart. */
const logins = new WeakMap<GithubClient, Promise<string>>();

/** Under which names what we wrote stands: the job's own token, or another one (a GitHub App's, a person's). */
export async function ownLogins(client: GithubClient): Promise<readonly string[]> {
  const known = logins.get(client) ?? askLogin(client);
  logins.set(client, known);
  return [ACTIONS_BOT, await known];
}

async function askLogin(client: GithubClient): Promise<string> {
  try {
    const { viewer } = await client.graphql<{ viewer: { login: string } }>('query { viewer { login } }');
    return viewer.login;
  } catch {
    // Not every token may ask; the job's own always can be told by its name.
    return ACTIONS_BOT;
  }
}
