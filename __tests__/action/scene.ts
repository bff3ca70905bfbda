import { type EmulatorOptions, GithubEmulator } from '../e2e/support/github-emulator.js';
import { type FakeGate, type Ran, runInProcess } from './in-process.js';
import { BASE, HEAD, pullRequestPayload, type Runner, type RunnerOptions, startRunner, TIP } from './runner.js';

export const SERVER = { 'base-url': 'http://127.0.0.1:9/v1', judge: 'judge', candidate: 'tuned', baseline: 'base' };
export const CONFIG = '.github/misalignment-gate.yml';
export const PUSH = { event: 'push', payload: { repository: { default_branch: 'main' } } };

type Files = Readonly<Record<string, string>>;

/** One run of the Action and what lies around it: by default a pull request in `team/models`, settings as inputs. */
export interface Setup extends FakeGate, Partial<Omit<RunnerOptions, 'apiUrl'>> {
  readonly tip?: Files;
  readonly base?: Files;
  readonly head?: Files;
  /** Further commits. */
  readonly commits?: Readonly<Record<string, Files>>;
  /** The fork that the pull request comes from, holding `head`. */
  readonly fork?: string;
  readonly workspace?: Files;
  readonly github?: Partial<EmulatorOptions>;
  /** Gets hold of GitHub before the run begins. */
  readonly started?: (github: GithubEmulator) => void;
  readonly comments?: readonly { issue: number; author: string; body: string }[];
}

/** GitHub, a runner, and how the run ended. */
export interface Scene {
  readonly github: GithubEmulator;
  readonly runner: Runner;
  readonly ran: Ran;
}

export async function play(setup: Setup = {}): Promise<Scene> {
  const github = await GithubEmulator.start({ repositories: repositories(setup), ...setup.github });
  setup.started?.(github);
  for (const comment of setup.comments ?? []) github.addComment(comment);
  const { event = 'pull_request', inputs = SERVER, env = {} } = setup;
  const { payload = pullRequestPayload(setup.fork ? { headRepository: setup.fork } : {}) } = setup;
  const runner = await startRunner({ event, payload, inputs, env, apiUrl: github.url });
  for (const [path, text] of Object.entries(setup.workspace ?? {})) await runner.checkout(path, text);
  return { github, runner, ran: await runInProcess(runner, setup) };
}

export function repositories({ tip = {}, base = {}, head = {}, commits: more = {}, fork }: Setup) {
  const commits = { [TIP]: tip, [BASE]: base, ...more, ...(fork ? {} : { [HEAD]: head }) };
  const own = { 'team/models': { defaultBranch: 'main', branches: { main: TIP }, commits } };
  return fork ? { ...own, [fork]: { defaultBranch: 'main', branches: {}, commits: { [HEAD]: head } } } : own;
}
