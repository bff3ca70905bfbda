import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, base64, blobSha, ok, refusal, tooLong } from './github-answers.js';
import { ArtifactHost, type EmulatedArtifact } from './github-artifacts.js';
import { EmulatedGit } from './github-git.js';
import { EmulatedIssues } from './github-issues.js';
import { GithubDescription, type Incoming, type Matched } from './github-openapi.js';
import { checkRunHandlers, type EmulatedCheckRun, type EmulatedHistory, pullRequestHandlers } from './github-pulls.js';

/** Files by commit: `{ [sha]: { [path]: text } }`. */
export interface EmulatedRepository {
  readonly defaultBranch: string;
  readonly branches: Record<string, string>;
  readonly commits: Record<string, Readonly<Record<string, string | Buffer>>>;
}

export interface EmulatedComment {
  readonly id: number;
  readonly issue: number;
  readonly author: string;
  body: string;
}

export interface EmulatorOptions extends EmulatedHistory {
  readonly token?: string;
  /** Who the token belongs to. */
  readonly login?: string;
  readonly repositories?: Readonly<Record<string, EmulatedRepository>>;
  /** Routes answered with 403, as GitHub does for a token that lacks the permission. */
  readonly denied?: readonly string[];
  /** GraphQL answers this, as GitHub does to some apps and behind some firewalls. */
  readonly graphql?: Answer;
  /** Where a head branched off, by `BASE...HEAD`; without an entry the base is an ancestor of the head. */
  readonly mergeBases?: Readonly<Record<string, string>>;
  readonly artifacts?: readonly EmulatedArtifact[];
  /** Another answer than the usual one; null for the usual. */
  readonly fault?: (request: Incoming & Matched) => Answer | null;
}

const COMMENTS = '/repos/{owner}/{repo}/issues/{issue_number}/comments';
const COMMENT = '/repos/{owner}/{repo}/issues/comments/{comment_id}';
/** Above this the contents API leaves a file's content out. */
const CONTENTS_MAX_BYTES = 1024 * 1024;

/**
 * GitHub's API on a local port, as far as the gate uses it. Every request, and every answer of its own, is checked against
 * GitHub's published description; what does not fit is kept in `violations`, and so is every route it does not know.
 */
export class GithubEmulator {
  readonly violations: string[] = [];
  /** `METHOD /path?query` of every request, in order. */
  readonly requests: string[] = [];
  readonly comments: EmulatedComment[] = [];
  readonly checkRuns: EmulatedCheckRun[] = [];
  readonly #description = GithubDescription.shared();
  readonly issues = new EmulatedIssues(
    this.#description,
    () => this.#login,
    () => this.url,
  );
  readonly git = new EmulatedGit(this.#description, (matched) => this.#find(matched));
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly artifactHost: ArtifactHost;
  #handlers: Readonly<Record<string, (matched: Matched, request: Incoming) => Answer>> = {};
  readonly #ownHandlers: Readonly<Record<string, (matched: Matched, request: Incoming) => Answer>> = {
    [`GET ${COMMENTS}`]: (matched, request) => this.#listComments(matched, request),
    [`POST ${COMMENTS}`]: (matched, request) => this.#createComment(matched, request),
    [`GET ${COMMENT}`]: (matched) => this.#withComment(matched, (comment) => ok(this.#commentData(comment))),
    [`PATCH ${COMMENT}`]: (matched, request) => this.#updateComment(matched, request),
    [`DELETE ${COMMENT}`]: (matched) => this.#deleteComment(matched),
    'GET /repos/{owner}/{repo}': (matched) => this.#repository(matched),
    'GET /repos/{owner}/{repo}/branches/{branch}': (matched) => this.#branch(matched),
    'GET /repos/{owner}/{repo}/compare/{basehead}': (matched) => this.#compare(matched),
    'GET /repos/{owner}/{repo}/contents/{path}': (matched, request) => this.#contents(matched, request),
    'GET /repos/{owner}/{repo}/git/blobs/{file_sha}': (matched) => this.#blob(matched),
    ...this.git.handlers,
    ...this.issues.handlers,
  };
  #nextId = 1001;

  private constructor(private readonly options: EmulatorOptions) {
    this.artifactHost = new ArtifactHost(options.artifacts ?? []);
  }

  static async start(options: EmulatorOptions = {}): Promise<GithubEmulator> {
    const emulator = new GithubEmulator(options);
    await new Promise<void>((resolve) => emulator.#server.listen(0, '127.0.0.1', resolve));
    await emulator.artifactHost.start();
    emulator.#handlers = {
      ...emulator.#ownHandlers,
      ...pullRequestHandlers(emulator.#description, options),
      ...checkRunHandlers(emulator.#description, emulator.checkRuns),
      ...emulator.artifactHost.handlers(emulator.#description),
    };
    return emulator;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    await this.artifactHost.stop();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A comment that was there before. */
  addComment(comment: Omit<EmulatedComment, 'id'>): EmulatedComment {
    const added = { ...comment, id: this.#nextId++ };
    this.comments.push(added);
    return added;
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? '/', this.url);
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const request: Incoming = {
      method: message.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      body: text === '' ? null : JSON.parse(text),
    };
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    const answer = this.#answer(request, message.headers.authorization ?? '');
    response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8', ...answer.headers });
    response.end(answer.body === null ? '' : JSON.stringify(answer.body));
  }

  #answer(request: Incoming, authorization: string): Answer {
    if (authorization !== `token ${this.options.token ?? 'gh-token'}`) {
      return this.#violation(
        request,
        `authorization ${JSON.stringify(authorization)}`,
        refusal(401, 'Bad credentials'),
      );
    }
    if (request.path === '/graphql') return this.#graphql(request);
    const matched = this.#description.match(request);
    const handler = matched && this.#handlers[matched.route];
    if (!matched || !handler) return this.#violation(request, 'no such route here', refusal(404, 'Not Found'));
    for (const problem of this.#description.requestProblems(matched, request)) this.#violation(request, problem);
    const fault = this.options.fault?.({ ...request, ...matched });
    if (fault) return fault;
    if (this.options.denied?.includes(matched.route)) return refusal(403, 'Resource not accessible by integration');
    const answer = handler(matched, request);
    for (const problem of this.#description.responseProblems(matched.route, answer.status, answer.body)) {
      this.#violation(request, `own answer: ${problem}`);
    }
    return answer;
  }

  #violation(request: Incoming, problem: string, answer: Answer = refusal(500, problem)): Answer {
    this.violations.push(`${request.method} ${request.path}: ${problem}`);
    return answer;
  }

  /** The one query the gate makes; GraphQL has no part in the published description. */
  #graphql(request: Incoming): Answer {
    const { query } = request.body as { query?: unknown };
    if (request.method !== 'POST' || query !== 'query { viewer { login } }') {
      return this.#violation(request, `unknown GraphQL query ${JSON.stringify(query)}`);
    }
    if (this.options.graphql) return this.options.graphql;
    return ok({ data: { viewer: { login: this.#login } } });
  }

  get #login(): string {
    return this.options.login ?? 'github-actions[bot]';
  }

  #listComments({ parameters }: Matched, { path, query }: Incoming): Answer {
    const all = this.comments.filter(({ issue }) => issue === Number(parameters.issue_number));
    const size = Math.min(Number(query.get('per_page') ?? 30), 100);
    const page = Number(query.get('page') ?? 1);
    const shown = all.slice((page - 1) * size, page * size).map((comment) => this.#commentData(comment));
    const next = `<${this.url}${path}?per_page=${size}&page=${page + 1}>; rel="next"`;
    return { ...ok(shown), headers: page * size < all.length ? { link: next } : {} };
  }

  #createComment({ parameters }: Matched, { body }: Incoming): Answer {
    const text = (body as { body: string }).body;
    if (text.length > 65_536) return tooLong();
    const comment = this.addComment({ issue: Number(parameters.issue_number), author: this.#login, body: text });
    return { status: 201, body: this.#commentData(comment) };
  }

  #updateComment(matched: Matched, { body }: Incoming): Answer {
    const text = (body as { body: string }).body;
    return this.#withComment(matched, (comment) => {
      if (text.length > 65_536) return tooLong();
      comment.body = text;
      return ok(this.#commentData(comment));
    });
  }

  #deleteComment(matched: Matched): Answer {
    return this.#withComment(matched, (comment) => {
      this.comments.splice(this.comments.indexOf(comment), 1);
      return { status: 204, body: null };
    });
  }

  #withComment({ parameters }: Matched, use: (comment: EmulatedComment) => Answer): Answer {
    const comment = this.comments.find(({ id }) => id === Number(parameters.comment_id));
    return comment ? use(comment) : refusal(404, 'Not Found');
  }

  #commentData({ id, issue, author, body }: EmulatedComment): unknown {
    const example = this.#description.example('issue-comment');
    const html_url = `https://github.example/pull/${issue}#issuecomment-${id}`;
    return { ...example, id, body, html_url, user: { ...(example.user as object), login: author } };
  }

  #repository(matched: Matched): Answer {
    const repository = this.#find(matched);
    if (!repository) return refusal(404, 'Not Found');
    // The published example lacks a property that its schema requires.
    const example = { ...this.#description.example('full-repository'), has_discussions: false };
    return ok({ ...example, default_branch: repository.defaultBranch });
  }

  #branch(matched: Matched): Answer {
    const name = matched.parameters.branch ?? '';
    const sha = this.#find(matched)?.branches[name];
    if (!sha) return refusal(404, 'Branch not found');
    const example = this.#description.example('branch-get');
    return ok({ ...example, name, commit: { ...(example.commit as object), sha } });
  }

  #compare({ parameters }: Matched): Answer {
    const range = parameters.basehead ?? '';
    const sha = this.options.mergeBases?.[range] ?? range.split('...')[0];
    const example = this.#description.example('commit-comparison');
    return ok({ ...example, merge_base_commit: { ...(example.merge_base_commit as object), sha } });
  }

  #contents(matched: Matched, { query }: Incoming): Answer {
    const path = matched.parameters.path ?? '';
    const content = this.#find(matched)?.commits[query.get('ref') ?? '']?.[path];
    if (content === undefined) return refusal(404, 'Not Found');
    const bytes = Buffer.from(content);
    const inline = bytes.length <= CONTENTS_MAX_BYTES;
    const example = this.#description.example('content-file-response-if-content-is-a-file');
    const known = { path, name: path.split('/').at(-1), size: bytes.length, sha: blobSha(bytes) };
    return ok({ ...example, ...known, encoding: inline ? 'base64' : 'none', content: inline ? base64(bytes) : '' });
  }

  #blob(matched: Matched): Answer {
    const files = Object.values(this.#find(matched)?.commits ?? {}).flatMap((commit) => Object.values(commit));
    const bytes = files.map((file) => Buffer.from(file)).find((file) => blobSha(file) === matched.parameters.file_sha);
    if (!bytes) return refusal(404, 'Not Found');
    const known = { content: base64(bytes), encoding: 'base64', size: bytes.length, sha: blobSha(bytes) };
    return ok({ ...this.#description.example('blob'), ...known });
  }

  #find({ parameters }: Matched): EmulatedRepository | undefined {
    return this.options.repositories?.[`${parameters.owner}/${parameters.repo}`];
  }
}
