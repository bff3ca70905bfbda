import { afterEach, describe, expect, it } from '@jest/globals';
import { Octokit } from 'octokit';
import { appendHistory, type HistoryEntry, historyAdvice, readHistory } from '../../src/github/history-branch.js';
import { type EmulatedRepository, type EmulatorOptions, GithubEmulator } from '../e2e/support/github-emulator.js';

const BRANCH = 'misalignment/history';
const TIP = 'c'.repeat(40);
const CREATE_REF = 'POST /repos/{owner}/{repo}/git/refs';

let github: GithubEmulator;
let repository: EmulatedRepository;

async function start(options: EmulatorOptions = {}): Promise<void> {
  repository = { defaultBranch: 'main', branches: { main: TIP }, commits: { [TIP]: { 'README.md': 'code' } } };
  github = await GithubEmulator.start({ repositories: { 'team/models': repository }, ...options });
}

afterEach(async () => {
  await github.stop();
  expect(github.violations).toEqual([]);
});

function place(branch = BRANCH) {
  const client = new Octokit({
    ...{ auth: 'gh-token', baseUrl: github.url, throttle: { enabled: false }, retry: { enabled: false } },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  return { client, owner: 'team', repo: 'models', branch };
}

function entry(run: number): HistoryEntry {
  return { line: `{"run":${run}}\n`, files: { 'badge.json': `{"run":${run}}` }, message: `run ${run} [skip ci]` };
}

const now = async () => {};
const append = (run: number, branch = BRANCH) => appendHistory(place(branch), entry(run), now);
const filesOf = (branch: string) => repository.commits[repository.branches[branch] ?? ''];

/** What a caller would tell of a failed write. */
async function advice(branch = BRANCH): Promise<string> {
  const error: unknown = await append(1, branch).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return historyAdvice(error, branch, 'written');
}

describe('the history branch', () => {
  it('is made by the first run, with nothing of the code in it and no commit before it', async () => {
    await start();
    expect(await readHistory(place())).toBe('');
    await append(1);
    expect(Object.keys(filesOf(BRANCH) ?? {}).sort()).toEqual(['badge.json', 'history.jsonl']);
    expect(await readHistory(place())).toBe('{"run":1}\n');
    expect(github.git.log(repository, BRANCH)).toMatchObject([{ message: 'run 1 [skip ci]', parents: [] }]);
    expect(repository.branches.main).toBe(TIP);
  });

  it('gets one commit and one line a run, and keeps files that are not ours', async () => {
    await start();
    await append(1);
    const sha = repository.branches[BRANCH] ?? '';
    repository.commits[sha] = { ...repository.commits[sha], 'NOTES.md': 'kept' };
    await append(2);
    expect(await readHistory(place())).toBe('{"run":1}\n{"run":2}\n');
    expect(String(filesOf(BRANCH)?.['badge.json'])).toBe('{"run":2}');
    expect(String(filesOf(BRANCH)?.['NOTES.md'])).toBe('kept');
    expect(github.git.log(repository, BRANCH)).toHaveLength(2);
  });

  it('begins a line of its own after a file that someone left without a line break', async () => {
    await start();
    await append(1);
    const sha = repository.branches[BRANCH] ?? '';
    repository.commits[sha] = { 'history.jsonl': 'edited by hand' };
    await append(2);
    expect(await readHistory(place())).toBe('edited by hand\n{"run":2}\n');
  });

  it('loses no line when many runs append at once, the first of them making the branch', async () => {
    await start();
    await Promise.all([1, 2, 3, 4].map((run) => append(run)));
    const lines = (await readHistory(place())).trimEnd().split('\n').sort();
    expect(lines).toEqual([1, 2, 3, 4].map((run) => `{"run":${run}}`));
  });

  it('gets a line once, also when an answer was lost and its request is made again', async () => {
    await start();
    await append(1);
    await append(1);
    expect(await readHistory(place())).toBe('{"run":1}\n');
    expect(github.git.log(repository, BRANCH)).toHaveLength(1);
  });

  it('is read whole above a megabyte, where the contents API leaves the text out', async () => {
    await start();
    await append(1);
    const sha = repository.branches[BRANCH] ?? '';
    repository.commits[sha] = { 'history.jsonl': `${'x'.repeat(1_200_000)}\n` };
    await append(2);
    expect(await readHistory(place())).toHaveLength(1_200_001 + '{"run":2}\n'.length);
  });
});

describe('what can not be written is told with its mend', () => {
  it('a token without the permission', async () => {
    for (const denied of ['POST /repos/{owner}/{repo}/git/trees', CREATE_REF]) {
      await start({ denied: [denied] });
      expect(await advice()).toMatch(/could not be written \(403.*verdict stands.*`contents: write`.*forks/s);
      if (denied !== CREATE_REF) await github.stop();
    }
  });

  it.each([
    [422, 'Repository rule violations found: Changes must be made through a pull request.'],
    [403, 'Protected branch update failed'],
  ])('a protected branch: %d %s', async (status, message) => {
    await start({ fault: ({ route }) => (route === CREATE_REF ? { status, body: { message } } : null) });
    expect(await advice()).toMatch(/verdict stands.*(ruleset|branch protection).*exempt this branch/s);
    expect(github.requests.filter((request) => request.startsWith('POST'))).toHaveLength(3);
  });

  it('a branch that is somebody else’s: nothing is written to it', async () => {
    await start();
    expect(await advice('main')).toMatch(/not the gate's own.*verdict stands.*Name another branch/s);
    expect(repository.branches.main).toBe(TIP);
    expect(github.requests.every((request) => request.startsWith('GET'))).toBe(true);
  });

  it('runs that keep coming first', async () => {
    const race = { status: 422, body: { message: 'Reference already exists' } };
    await start({ fault: ({ route }) => (route === CREATE_REF ? race : null) });
    expect(await advice()).toMatch(/Other runs were appending at the same time/);
  });

  it('a rate limit or a broken server asks for no permission', () => {
    const failure = Object.assign(new Error('API rate limit exceeded'), {
      status: 403,
      response: { headers: { 'x-ratelimit-remaining': '0' } },
    });
    expect(historyAdvice(failure, BRANCH, 'read')).not.toContain('contents: write');
    expect(historyAdvice(new Error('socket hang up'), BRANCH, 'read')).toMatch(/could not be read \(socket hang up\)/);
  });
});
