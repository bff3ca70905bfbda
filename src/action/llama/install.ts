import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError, ProviderError } from '../../core/errors.js';
import { makeFolder } from '../../core/folders.js';
import type { Logger } from '../../core/log.js';
import { packageRoot } from '../../core/package.js';
import { cacheFolder } from '../../models/embedded/demo-model/ensure.js';
import { hasGpu } from '../../models/embedded/parallelism.js';
import { type NpmCi, npmCi } from './npm.js';

/** The package that runs embedded models; `uses:` brings no node_modules. */
const PACKAGE = 'node-llama-cpp';

export interface LlamaPackagePorts {
  readonly log: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly npmCi?: NpmCi;
  readonly hasGpu?: () => boolean;
  readonly machine?: Machine;
  readonly signal?: AbortSignal;
  /** This package; its `build/llama` holds what is installed. */
  readonly root?: string;
}

export interface Machine {
  readonly platform: string;
  readonly arch: string;
}

/** The parts of a package-lock.json that are read here. */
interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
}

const KINDS = {
  cpu: 'about 120 MB, without the CUDA and Vulkan builds',
  gpu: 'about 760 MB, with the CUDA and Vulkan builds, because there is a GPU',
} as const;

type Kind = keyof typeof KINDS;

/** In order: the version that the package is tested with, then an older one with hashes for more platforms. */
const FOLDERS = (kind: Kind) => [kind, `${kind}-elsewhere`];

/**
 * The folder whose `node_modules` holds the pinned llama.cpp: this package's own in a checkout that was installed; else the
 * runner's tool cache, into which it is installed the first time.
 * @throws ConfigError on a platform without a verified build, ProviderError when it can't be installed
 */
export async function ensureLlamaPackage(ports: LlamaPackagePorts): Promise<string> {
  const { environment, log, root = packageRoot(), machine = process } = ports;
  if (existsSync(join(root, 'node_modules', PACKAGE))) return root;
  // macOS has one build for Apple's processors, and it uses their GPU.
  const kind = machine.platform !== 'darwin' && (ports.hasGpu ?? hasGpu)() ? 'gpu' : 'cpu';
  const { source, builds, lock, lockText } = await verifiedSource(root, kind, machine);
  const version = lock.packages[`node_modules/${PACKAGE}`]?.version;
  const digest = createHash('sha256').update(lockText).digest('hex').slice(0, 12);
  const cache = environment.RUNNER_TOOL_CACHE || join(cacheFolder(environment), 'tools');
  const target = join(cache, `misalignment-gate-${PACKAGE}`, `${version}-${kind}-${digest}`, machine.arch);
  const needed = [`node_modules/${PACKAGE}`, ...builds];
  if (existsSync(target)) {
    if (missingFrom(target, needed).length === 0) {
      log.info(`Embedded models: ${PACKAGE} ${version} from ${target}.`);
      return target;
    }
    log.warning(`Embedded models: the installation in ${target} is incomplete and is made anew.`);
    await putAway(target);
  }
  log.info(`Embedded models: installing ${PACKAGE} ${version} (${KINDS[kind]}) into ${target}, once for this runner …`);
  await install(source, target, needed, ports);
  return target;
}

/** Into a folder of its own first, so that what lies at `target` is always complete, whoever else installs it meanwhile. */
async function install(source: string, target: string, needed: readonly string[], ports: LlamaPackagePorts) {
  const { npmCi: run = npmCi } = ports;
  const part = `${target}.${randomUUID()}.part`;
  try {
    await makeFolder(dirname(target));
    await cp(source, part, { recursive: true });
    await run(part, ports);
    requireAll(part, needed);
    await rename(part, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/** Out of the way at once, so that no job finds it half removed. */
async function putAway(target: string): Promise<void> {
  const away = `${target}.${randomUUID()}.part`;
  try {
    await rename(target, away);
  } catch (error) {
    // Another job was faster.
    if (existsSync(target)) throw error;
  }
  await rm(away, { recursive: true, force: true });
}

const missingFrom = (folder: string, needed: readonly string[]) =>
  needed.filter((name) => !existsSync(join(folder, name, 'package.json')));

/** To npm the builds are optional: one that does not come, or has another hash, is left out without a word. */
function requireAll(folder: string, needed: readonly string[]): void {
  const missing = missingFrom(folder, needed);
  if (missing.length === 0) return;
  const names = missing.map((name) => name.replace('node_modules/', '')).join(', ');
  throw new ProviderError(
    'llama.install-failed',
    `Embedded models need ${names}, which npm left out: the registry did not give it, or its content has another hash than ` +
      "this action's lock file. Mend the network or the registry (npm's own settings hold), or serve the model and give its base-url",
  );
}

const SYSTEMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'mac', win32: 'win' };
const PROCESSORS: Readonly<Record<string, string>> = { x64: 'x64', arm64: 'arm64', arm: 'armv7l', riscv64: 'riscv64' };

/** Nothing is installed whose content the lock file does not hold the hash of. */
async function verifiedSource(root: string, kind: Kind, { platform, arch }: Machine) {
  const build = `node_modules/@${PACKAGE}/${SYSTEMS[platform]}-${PROCESSORS[arch]}`;
  for (const folder of FOLDERS(kind)) {
    const source = join(root, 'build', 'llama', folder);
    const lockText = await readFile(join(source, 'package-lock.json'), 'utf8');
    const lock = JSON.parse(lockText) as Lock;
    const verified = Object.entries(lock.packages).filter(([name, entry]) => name.startsWith(build) && entry.integrity);
    if (verified.length > 0) return { source, builds: verified.map(([name]) => name), lock, lockText };
  }
  throw new ConfigError(
    'llama.platform',
    `Embedded models (gguf:, demo:, judge: embedded) can't be installed on this runner (${platform}-${arch}): there is no ` +
      'build of llama.cpp for it whose hash is known. Run the job on Linux, macOS or Windows (x64 or arm64), or serve the model and give its base-url',
  );
}
