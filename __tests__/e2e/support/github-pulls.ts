import { type Answer, ok, refusal } from './github-answers.js';
import type { GithubDescription, Incoming, Matched } from './github-openapi.js';

/** A pull request of `team/models` and what GitHub keeps of it. */
export interface EmulatedPull {
  readonly number: number;
  readonly author: string;
  readonly headSha: string;
  readonly headRef: string;
  readonly headRepository: string;
  readonly baseSha: string;
  labels: readonly string[];
  readonly commits: readonly {
    readonly sha: string;
    readonly author: string | null;
    readonly committer: string | null;
  }[];
  readonly events: readonly EmulatedEvent[];
}

export interface EmulatedEvent {
  readonly event: string;
  readonly at: string;
  /** Null for a deleted account. */
  readonly actor: string | null;
  readonly label?: string;
  /** Whether an app acted for the account. */
  readonly app?: boolean;
}

export interface EmulatedRun {
  readonly id?: number;
  readonly headSha: string;
  readonly headRef: string;
  readonly headRepository: string;
  readonly at: string;
  readonly actor: string;
}

export interface EmulatedPush {
  readonly repository: string;
  readonly ref: string;
  readonly at: string;
  readonly actor: string;
}

export interface EmulatedCheckRun {
  readonly id: number;
  readonly name: string;
  readonly head_sha: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly output?: { readonly title: string; readonly summary: string };
}

/** What stands around a pull request's verdict: who did what when, and who may what. */
export interface EmulatedHistory {
  readonly pulls?: readonly EmulatedPull[];
  readonly runs?: readonly EmulatedRun[];
  readonly pushes?: readonly EmulatedPush[];
  readonly permissions?: Readonly<Record<string, 'admin' | 'write' | 'read' | 'none'>>;
}

type Handler = (matched: Matched, request: Incoming) => Answer;

/** GitHub's answers about pull requests, their events and runs, made from its own examples. */
export function pullRequestHandlers(
  description: GithubDescription,
  history: EmulatedHistory,
): Readonly<Record<string, Handler>> {
  const examples = new Examples(description);
  const find = ({ parameters }: Matched) =>
    history.pulls?.find(({ number }) => number === Number(parameters.pull_number ?? parameters.issue_number));
  const ofPull = (answer: (pull: EmulatedPull, matched: Matched, request: Incoming) => Answer): Handler => {
    return (matched, request) => {
      const pull = find(matched);
      return pull ? answer(pull, matched, request) : refusal(404, 'Not Found');
    };
  };
  return {
    'GET /repos/{owner}/{repo}/pulls/{pull_number}': ofPull((pull) => ok(examples.pull(pull, 'pull-request'))),
    'GET /repos/{owner}/{repo}/pulls': (_, { query }) => {
      const at = (pull: EmulatedPull) => `${pull.headRepository.split('/')[0]}:${pull.headRef}`;
      const found = (history.pulls ?? []).filter((pull) => at(pull) === query.get('head'));
      return ok(found.map((pull) => examples.pull(pull, 'pull-request-simple-items')));
    },
    'GET /repos/{owner}/{repo}/pulls/{pull_number}/commits': ofPull((pull, _, request) =>
      page(
        pull.commits.map((commit) => examples.commit(commit)),
        request,
      ),
    ),
    'GET /repos/{owner}/{repo}/issues/{issue_number}/events': ofPull((pull, _, request) =>
      page(
        pull.events.map((event) => examples.event(event)),
        request,
      ),
    ),
    'DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}': ofPull((pull, { parameters }) => {
      if (!pull.labels.includes(parameters.name ?? '')) return refusal(404, 'Label does not exist');
      pull.labels = pull.labels.filter((name) => name !== parameters.name);
      return ok(pull.labels.map((name) => examples.label(name)));
    }),
    'GET /repos/{owner}/{repo}/actions/runs': (_, { query }) => {
      const [branch, commit] = [query.get('branch'), query.get('head_sha')];
      const found = (history.runs ?? []).filter(({ headRef, headSha }) => {
        return (branch === null || headRef === branch) && (commit === null || headSha === commit);
      });
      return ok({ total_count: found.length, workflow_runs: found.map((run) => examples.run(run)).reverse() });
    },
    'GET /repos/{owner}/{repo}/activity': ({ parameters }, { query }) => {
      const repository = `${parameters.owner}/${parameters.repo}`;
      const found = (history.pushes ?? []).filter(
        (push) => push.repository === repository && push.ref === query.get('ref'),
      );
      return ok(found.map((push) => examples.activity(push)).reverse());
    },
    'GET /repos/{owner}/{repo}/collaborators/{username}/permission': ({ parameters }) => {
      const permission = history.permissions?.[parameters.username ?? ''] ?? 'none';
      return ok({
        permission,
        role_name: permission,
        user: { ...examples.user(parameters.username ?? ''), role_name: permission },
      });
    },
  };
}

/** Check runs as the gate publishes them, kept in `runs`. */
export function checkRunHandlers(
  description: GithubDescription,
  runs: EmulatedCheckRun[],
): Readonly<Record<string, Handler>> {
  const examples = new Examples(description);
  const of = (matched: Matched) => runs.findIndex(({ id }) => id === Number(matched.parameters.check_run_id));
  return {
    'POST /repos/{owner}/{repo}/check-runs': (_, { body }) => {
      const run = { conclusion: null, ...(body as Omit<EmulatedCheckRun, 'id' | 'conclusion'>), id: 501 + runs.length };
      runs.push(run);
      return { status: 201, body: examples.checkRun(run) };
    },
    'GET /repos/{owner}/{repo}/check-runs/{check_run_id}': (matched) => {
      const run = runs[of(matched)];
      return run ? ok(examples.checkRun(run)) : refusal(404, 'Not Found');
    },
    'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}': (matched, { body }) => {
      const run = runs[of(matched)];
      if (!run) return refusal(404, 'Not Found');
      const changed = { ...run, ...(body as Partial<EmulatedCheckRun>) };
      runs.splice(of(matched), 1, changed);
      return ok(examples.checkRun(changed));
    },
  };
}

function page(all: readonly unknown[], { query }: Incoming): Answer {
  const size = Number(query.get('per_page') ?? 30);
  const from = (Number(query.get('page') ?? 1) - 1) * size;
  return ok(all.slice(from, from + size));
}

/** GitHub's published examples with our values in them. */
export class Examples {
  readonly #user: Record<string, unknown>;

  constructor(private readonly description: GithubDescription) {
    this.#user = this.description.example('issue-comment').user as Record<string, unknown>;
  }

  user(login: string): Record<string, unknown> {
    return { ...this.#user, login, type: login.endsWith('[bot]') ? 'Bot' : 'User', name: null, email: null };
  }

  pull(pull: EmulatedPull, example: 'pull-request' | 'pull-request-simple-items'): unknown {
    const found = this.description.example(example) as unknown;
    const base = (Array.isArray(found) ? found[0] : found) as Record<string, Record<string, object>>;
    const repo = { ...base.head?.repo, full_name: pull.headRepository };
    return {
      ...base,
      ...{ number: pull.number, user: this.user(pull.author), labels: pull.labels.map((name) => this.label(name)) },
      // The published example's teams lack what their schema requires.
      requested_teams: [],
      head: { ...base.head, sha: pull.headSha, ref: pull.headRef, repo },
      base: { ...base.base, sha: pull.baseSha },
      ...('commits' in base ? { commits: pull.commits.length } : {}),
    };
  }

  label(name: string): unknown {
    return { ...this.#first('label-items-2'), name };
  }

  commit({ sha, author, committer }: EmulatedPull['commits'][number]): unknown {
    const person = (login: string | null) => (login === null ? null : this.user(login));
    return { ...this.#first('commit-items'), sha, author: person(author), committer: person(committer) };
  }

  event({ event, at, actor, label, app }: EmulatedEvent): unknown {
    const known = {
      ...this.#first('issue-event-for-issue-items'),
      ...{ event, created_at: at, actor: this.user(actor ?? 'ghost') },
      performed_via_github_app: app ? this.description.example('integration') : null,
    };
    return label === undefined ? known : { ...known, label: { name: label, color: 'red' } };
  }

  run({ id = 1, headSha, headRef, headRepository, at, actor }: EmulatedRun): unknown {
    const run = this.description.example('workflow-run') as Record<string, object>;
    return {
      ...run,
      ...{ id, head_sha: headSha, head_branch: headRef, created_at: at, run_started_at: at },
      ...{ actor: this.user(actor), triggering_actor: this.user(actor) },
      head_repository: { ...run.head_repository, full_name: headRepository },
    };
  }

  activity({ ref, at, actor }: EmulatedPush): unknown {
    const known = { id: 1, node_id: 'x', before: '0'.repeat(40), after: '1'.repeat(40) };
    return { ...known, ref, timestamp: at, activity_type: 'push', actor: this.user(actor) };
  }

  checkRun(run: EmulatedCheckRun): unknown {
    const known = this.description.example('check-run') as Record<string, object>;
    return { ...known, ...run, output: { ...known.output, ...run.output } };
  }

  #first(name: string): Record<string, unknown> {
    return (this.description.example(name) as unknown as Record<string, unknown>[])[0] ?? {};
  }
}
