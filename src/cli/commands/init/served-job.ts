import type { Yaml } from './yaml-value.js';

/**
 * Strangers' pull requests don't run on machines of one's own. Their job runs elsewhere and ends red for want of a server and of
 * keys; a job that `if:` skips would count as a passed check.
 */
export const OWN =
  "(github.event_name != 'pull_request' || github.event.pull_request.head.repo.full_name == github.repository)";

/** What a server's container is started and stopped with. */
export interface Served {
  readonly before: readonly Yaml[];
  readonly after: readonly Yaml[];
}

/**
 * Starts a container, and takes it down whatever happened; the gate itself waits until its server answers.
 * @param first what the step does before, and its variables
 */
export function served(
  name: string,
  command: readonly string[],
  first: { readonly env?: Yaml; readonly run: readonly string[] } = { run: [] },
): Served {
  const container = `"${name}-$GITHUB_RUN_ID"`;
  const start = [`docker run --detach --rm --name ${container}`, ...command].join(' \\\n  ');
  const env = first.env ? { env: first.env } : {};
  return {
    before: [{ name: `Start ${name}`, if: OWN, ...env, run: [...first.run, start].join('\n') }],
    after: [{ name: `Stop ${name}`, if: `always() && ${OWN}`, run: `docker stop ${container}` }],
  };
}
