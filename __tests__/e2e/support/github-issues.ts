import { type Answer, ok, refusal, tooLong } from './github-answers.js';
import type { GithubDescription, Incoming, Matched } from './github-openapi.js';

export interface EmulatedIssue {
  readonly number: number;
  readonly author: string;
  /** GitHub lists pull requests among the issues. */
  readonly pullRequest?: boolean;
  title: string;
  body: string;
  state: 'open' | 'closed';
  reason: string | null;
}

type Handler = (matched: Matched, request: Incoming) => Answer;

const ISSUES = '/repos/{owner}/{repo}/issues';

/** GitHub's answers about a repository's issues, made from its own examples. */
export class EmulatedIssues {
  readonly all: EmulatedIssue[] = [];

  constructor(
    private readonly description: GithubDescription,
    private readonly login: () => string,
    private readonly url: () => string,
  ) {}

  get handlers(): Readonly<Record<string, Handler>> {
    return {
      [`GET ${ISSUES}`]: (_, request) => this.#list(request),
      [`POST ${ISSUES}`]: (_, { body }) => this.#create(body as { title: string; body: string }),
      [`PATCH ${ISSUES}/{issue_number}`]: ({ parameters }, { body }) =>
        this.#update(Number(parameters.issue_number), body as Partial<EmulatedIssue> & { state_reason?: string }),
    };
  }

  /** An issue that was there before. */
  add(issue: Partial<EmulatedIssue>): EmulatedIssue {
    const known = { author: this.login(), title: '', body: '', state: 'open', reason: null } as const;
    const added = { number: this.all.length + 1, ...known, ...issue };
    this.all.push(added);
    return added;
  }

  #list({ path, query }: Incoming): Answer {
    const state = query.get('state') ?? 'open';
    const size = Number(query.get('per_page') ?? 30);
    const page = Number(query.get('page') ?? 1);
    const found = this.all.filter((issue) => state === 'all' || issue.state === state).reverse();
    const shown = found.slice((page - 1) * size, page * size).map((issue) => this.#data(issue));
    const next = `<${this.url()}${path}?state=${state}&per_page=${size}&page=${page + 1}>; rel="next"`;
    return { ...ok(shown), headers: page * size < found.length ? { link: next } : {} };
  }

  #create({ title, body }: { title: string; body: string }): Answer {
    if (body.length > 65_536) return tooLong();
    return { status: 201, body: this.#data(this.add({ title, body })) };
  }

  #update(
    number: number,
    { title, body, state, state_reason }: Partial<EmulatedIssue> & { state_reason?: string },
  ): Answer {
    const issue = this.all.find((one) => one.number === number);
    if (!issue) return refusal(404, 'Not Found');
    Object.assign(issue, {
      title: title ?? issue.title,
      body: body ?? issue.body,
      state: state ?? issue.state,
      reason: state_reason ?? issue.reason,
    });
    return ok(this.#data(issue));
  }

  #data({ number, author, title, body, state, reason, pullRequest }: EmulatedIssue): unknown {
    const { pull_request, ...example } = this.description.example('issue');
    return {
      ...example,
      ...{ number, title, body, state, state_reason: reason },
      html_url: `https://github.example/issues/${number}`,
      user: { ...(example.user as object), login: author },
      ...(pullRequest ? { pull_request } : {}),
    };
  }
}
