import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError, ProviderError } from '../../core/errors.js';

type Variables = Readonly<Record<string, string | undefined>>;

export interface NpmPorts {
  readonly environment: Variables;
  readonly signal?: AbortSignal;
}

/** Installs what the package-lock.json in `folder` names, every package checked against its hash. */
export type NpmCi = (folder: string, ports: NpmPorts) => Promise<void>;

const LIMIT_MS = 15 * 60_000;

/** No package's own script runs: llama.cpp comes built. */
const ARGUMENTS = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

export const npmCi: NpmCi = async (folder, { environment, signal }) => {
  const [command, ...before] = npmCommand();
  try {
    await promisify(execFile)(command, [...before, ...ARGUMENTS], {
      cwd: folder,
      env: withoutSecrets(environment),
      timeout: LIMIT_MS,
      maxBuffer: 16 * 1024 * 1024,
      // Windows has npm as a script; nothing that is passed to it comes from outside.
      shell: process.platform === 'win32',
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    throw explained(error);
  }
};

/** The npm beside the Node that runs this (runners on Linux and macOS bring one), else the one on the path. */
function npmCommand(): [command: string, ...args: string[]] {
  const beside = join(dirname(dirname(process.execPath)), 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  return existsSync(beside) ? [process.execPath, beside] : ['npm'];
}

/** npm needs its own configuration and the proxy's; it has no use for the job's inputs and keys. */
function withoutSecrets(environment: Variables): NodeJS.ProcessEnv {
  const isSecret = (name: string) =>
    /^(INPUT_|STATE_|ACTIONS_)|(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS)$/i.test(name) &&
    !/^(npm_|node_auth)/i.test(name);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isSecret(name)));
}

function explained(error: unknown): Error {
  const { code, killed, stderr, name } = error as { code?: unknown; killed?: boolean; stderr?: string; name?: string };
  const what = 'Embedded models need node-llama-cpp, which could not be installed';
  if (code === 'ENOENT') {
    return new ConfigError(
      'llama.no-npm',
      `${what}: there is no npm on this runner. Put actions/setup-node before this step`,
    );
  }
  if (name === 'AbortError') return new ProviderError('llama.install-stopped', `${what}: the run was cancelled.`);
  const why = killed ? `npm took longer than ${LIMIT_MS / 60_000} minutes` : `npm says: ${lastWords(stderr ?? '')}`;
  return new ProviderError(
    'llama.install-failed',
    `${what}: ${why}. Mend the network or the registry (npm's own settings hold), or serve the model and give its base-url`,
    { cause: error },
  );
}

/** npm's complaint without its help and the path of its log. */
function lastWords(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
    .filter((line) => line !== '' && !/^A complete log|\.log$/.test(line));
  return lines.slice(0, 4).join('; ').slice(0, 500) || 'nothing';
}
