import { createHash } from 'node:crypto';
import { type Answer, ok, refusal } from './github-answers.js';
import type { EmulatedRepository } from './github-emulator.js';
import type { GithubDescription, Incoming, Matched } from './github-openapi.js';

type Files = Readonly<Record<string, string | Buffer>>;
type Handler = (matched: Matched, request: Incoming) => Answer;

const GIT = '/repos/{owner}/{repo}/git';

/** What one of our own commits is made of. */
interface Commit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
}

/** The part of Git behind GitHub's data API: trees, commits, and references that only move forward. */
export class EmulatedGit {
  readonly #trees = new Map<string, Files>();
  readonly #commits = new Map<string, Commit>();

  constructor(
    private readonly description: GithubDescription,
    private readonly find: (matched: Matched) => EmulatedRepository | undefined,
  ) {}

  get handlers(): Readonly<Record<string, Handler>> {
    return {
      [`GET ${GIT}/ref/{ref}`]: this.#in((repository, { parameters }) => {
        const sha = repository.branches[branchOf(parameters.ref)];
        return sha ? ok(this.#reference(parameters.ref ?? '', sha)) : refusal(404, 'Not Found');
      }),
      [`POST ${GIT}/refs`]: this.#in((repository, _, { body }) => this.#createReference(repository, body as never)),
      [`PATCH ${GIT}/refs/{ref}`]: this.#in((repository, { parameters }, { body }) =>
        this.#moveReference(repository, parameters.ref ?? '', body as never),
      ),
      [`POST ${GIT}/trees`]: this.#in((repository, _, { body }) => this.#createTree(repository, body as never)),
      [`POST ${GIT}/commits`]: this.#in((repository, _, { body }) => this.#createCommit(repository, body as never)),
      [`GET ${GIT}/commits/{commit_sha}`]: this.#in((repository, { parameters }) => {
        const sha = parameters.commit_sha ?? '';
        return sha in repository.commits ? ok(this.#commitData(sha)) : refusal(404, 'Not Found');
      }),
    };
  }

  /** How often the branch was committed to by us, and with which messages: newest first. */
  log(repository: EmulatedRepository, branch: string): Commit[] {
    const commits: Commit[] = [];
    let next = repository.branches[branch];
    while (next !== undefined) {
      const commit: Commit | undefined = this.#commits.get(next);
      if (commit) commits.push(commit);
      next = commit?.parents[0];
    }
    return commits;
  }

  #in(use: (repository: EmulatedRepository, matched: Matched, request: Incoming) => Answer): Handler {
    return (matched, request) => {
      const repository = this.find(matched);
      return repository ? use(repository, matched, request) : refusal(404, 'Not Found');
    };
  }

  #createReference(repository: EmulatedRepository, { ref, sha }: { ref: string; sha: string }): Answer {
    const branch = branchOf(ref.replace(/^refs\//, ''));
    if (branch === '' || !(sha in repository.commits)) return refusal(422, 'Object does not exist');
    if (repository.branches[branch]) return refusal(422, 'Reference already exists');
    repository.branches[branch] = sha;
    return { status: 201, body: this.#reference(`heads/${branch}`, sha) };
  }

  #moveReference(
    repository: EmulatedRepository,
    ref: string,
    { sha, force }: { sha: string; force?: boolean },
  ): Answer {
    const tip = repository.branches[branchOf(ref)];
    if (!tip) return refusal(422, 'Reference does not exist');
    if (!force && !this.#commits.get(sha)?.parents.includes(tip)) {
      return refusal(422, 'Update is not a fast forward');
    }
    repository.branches[branchOf(ref)] = sha;
    return ok(this.#reference(ref, sha));
  }

  #createTree(
    repository: EmulatedRepository,
    { tree, base_tree }: { tree: readonly { path: string; content: string }[]; base_tree?: string },
  ): Answer {
    const base = base_tree === undefined ? {} : this.#files(repository, base_tree);
    if (base === null) return refusal(422, 'base_tree is not a tree');
    const files: Files = { ...base, ...Object.fromEntries(tree.map(({ path, content }) => [path, content])) };
    const sha = hashOf(JSON.stringify(Object.entries(files).map(([path, text]) => [path, String(text)])));
    this.#trees.set(sha, files);
    return { status: 201, body: { ...this.description.example('git-tree'), sha } };
  }

  #createCommit(
    repository: EmulatedRepository,
    { message, tree, parents = [] }: { message: string; tree: string; parents?: readonly string[] },
  ): Answer {
    const files = this.#trees.get(tree);
    if (!files) return refusal(422, 'Tree SHA does not exist');
    if (parents.some((parent) => !(parent in repository.commits))) return refusal(422, 'Parent does not exist');
    const sha = hashOf(JSON.stringify([message, tree, parents, this.#commits.size]));
    this.#commits.set(sha, { tree, parents, message });
    repository.commits[sha] = files;
    return { status: 201, body: this.#commitData(sha) };
  }

  #files(repository: EmulatedRepository, tree: string): Files | null {
    const found = Object.keys(repository.commits).find((sha) => this.#treeOf(sha) === tree);
    return (found === undefined ? this.#trees.get(tree) : repository.commits[found]) ?? null;
  }

  /** Commits that were there from the start have trees too. */
  #treeOf(sha: string): string {
    return this.#commits.get(sha)?.tree ?? hashOf(`tree of ${sha}`);
  }

  #commitData(sha: string): unknown {
    const example = this.description.example('git-commit');
    return { ...example, sha, tree: { ...(example.tree as object), sha: this.#treeOf(sha) } };
  }

  #reference(ref: string, sha: string): unknown {
    const example = this.description.example('git-ref');
    return { ...example, ref: `refs/${ref}`, object: { ...(example.object as object), sha } };
  }
}

function branchOf(ref = ''): string {
  return ref.startsWith('heads/') ? ref.slice('heads/'.length) : '';
}

function hashOf(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
