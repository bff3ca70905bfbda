import { afterEach, describe, expect, it } from '@jest/globals';
import { Octokit } from 'octokit';
import { ConfigError, PermissionError, ProviderError } from '../../src/core/errors.js';
import { repositoryPath, repositoryReader } from '../../src/github/contents.js';
import { type EmulatorOptions, GithubEmulator } from '../e2e/support/github-emulator.js';

const TIP = 'c'.repeat(40);
const revision = { sha: TIP, repository: 'team/models' };
const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n';
const files = {
  'gate.yml': 'battery: quick\n',
  'a folder/100% {sure}#?.yml': 'odd: name\n',
  'big.yml': `# ${'ü'.repeat(800_000)}\n`,
  'lfs.yml': pointer,
  'latin1.yml': Buffer.from([0x67, 0xfc, 0x6e]),
  'bom.yml': '\uFEFFbattery: quick\n',
  empty: '',
};

let github: GithubEmulator;

async function reader(options: Partial<EmulatorOptions> = {}) {
  const repository = { defaultBranch: 'main', branches: { main: TIP, 'release/1.x': TIP }, commits: { [TIP]: files } };
  github = await GithubEmulator.start({ repositories: { 'team/models': repository }, ...options });
  const client = new Octokit({
    ...{ auth: 'gh-token', baseUrl: github.url, throttle: { enabled: false }, retry: { enabled: false } },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  return repositoryReader(client);
}

afterEach(async () => {
  await github.stop();
  expect(github.violations).toEqual([]);
});

describe('reading a repository through the API', () => {
  it('finds the default branch and the commit it is at', async () => {
    const read = await reader();
    expect(await read.defaultBranch('team/models')).toBe('main');
    expect(await read.branchTip('team/models', 'release/1.x')).toEqual(revision);
  });

  it('reads a file of a commit', async () => {
    expect(await (await reader()).readText('./gate.yml', revision)).toBe(files['gate.yml']);
  });

  it('reads a file with an odd name', async () => {
    const name = 'a folder/100% {sure}#?.yml';
    expect(await (await reader()).readText(name, revision)).toBe(files[name]);
  });

  it('reads a file over 1 MB, as a blob', async () => {
    expect(await (await reader()).readText('big.yml', revision)).toBe(files['big.yml']);
    expect(github.requests.at(-1)).toMatch(/git\/blobs/);
  });

  it('reads an empty file as empty, and leaves a byte-order mark out', async () => {
    const read = await reader();
    expect(await read.readText('empty', revision)).toBe('');
    expect(await read.readText('bom.yml', revision)).toBe('battery: quick\n');
  });

  it('tells an absent file from one that may not be read', async () => {
    expect(await (await reader()).readText('absent.yml', revision)).toBeNull();
    await github.stop();
    const denied = await reader({ denied: ['GET /repos/{owner}/{repo}/contents/{path}'] });
    await expect(denied.readText('gate.yml', revision)).rejects.toThrow(PermissionError);
  });

  it.each([403, 404])('names contents: read when the branch itself is answered with %d', async (status) => {
    const read = await reader({ fault: () => ({ status, body: { message: 'no' } }) });
    const failure = read.branchTip('team/models', 'main');
    await expect(failure).rejects.toThrow(PermissionError);
    await expect(failure).rejects.toThrow(/branch main of team\/models .*`permissions: contents: read`/);
  });

  it('names an IP allow list rather than a permission, and stays an error of the configuration', async () => {
    const message = 'The `team` organization has an IP allow list enabled, and your IP address is not permitted.';
    const read = await reader({ fault: () => ({ status: 403, body: { message } }) });
    const failure = read.branchTip('team/models', 'main');
    await expect(failure).rejects.toThrow(PermissionError);
    await expect(failure).rejects.toThrow(/IP allow list keeps this runner out/);
    await expect(failure).rejects.not.toThrow(/contents: read/);
  });

  it('tells trouble at GitHub from a lacking permission', async () => {
    const read = await reader({ fault: () => ({ status: 502, body: { message: 'Bad Gateway' } }) });
    await expect(read.branchTip('team/models', 'main')).rejects.toThrow(ProviderError);
    await expect(read.readText('gate.yml', revision)).rejects.toThrow(ProviderError);
  });

  it('does not take an answer that is none', async () => {
    const read = await reader({ fault: () => ({ status: 200, body: { commit: { sha: 'main' } } }) });
    await expect(read.branchTip('team/models', 'main')).rejects.toThrow(/not what its API describes/);
  });

  it('names a Git LFS pointer as such', async () => {
    await expect((await reader()).readText('lfs.yml', revision)).rejects.toThrow(/lfs.yml .*Git LFS pointer/);
  });

  it('refuses what is not UTF-8, or not a file', async () => {
    await expect((await reader()).readText('latin1.yml', revision)).rejects.toThrow(/latin1.yml .*UTF-8/);
    await github.stop();
    const folder = await reader({ fault: () => ({ status: 200, body: [] }) });
    await expect(folder.readText('a folder', revision)).rejects.toThrow(/a folder .*not a file/);
  });

  it.each(['../outside.yml', '/etc/passwd', 'a/../../outside.yml', '..'])('refuses the path %s', async (path) => {
    const read = await reader();
    expect(() => repositoryPath(path)).toThrow(ConfigError);
    expect(() => read.readText(path, revision)).toThrow(/not a path inside the repository/);
    expect(github.requests).toEqual([]);
  });
});
