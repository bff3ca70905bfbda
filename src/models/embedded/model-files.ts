import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DemoReference, GgufReference } from '../../config/model-reference.js';
import { ConfigError } from '../../core/errors.js';
import { sharedSha256 } from '../../core/files.js';
import { packageRoot } from '../../core/package.js';
import { refuseEndless } from '../../core/regular-file.js';
import { refuseLinkOut } from '../../core/workspace.js';
import type { Arm } from '../model.js';
import type { ModelPorts } from '../request-budget.js';
import { ensureBaseModel } from './demo-model/ensure.js';
import type { LoadSpec } from './protocol.js';

/** The files that a reference names, checked as far as can be without loading them. */
export interface LlamaFiles extends Pick<LoadSpec, 'modelPath' | 'lora'> {
  /** File names, for reports. */
  readonly served: string;
  /** SHA-256 (hex) of the model file; with an adapter `MODEL+ADAPTER`. */
  readonly digest: string;
}

/**
 * Finds the files of an embedded model; the demo's own is fetched when it is not in the cache.
 * @param given `candidate-digest`, which must not contradict the files
 * @throws ConfigError for a file that can't be read or is no GGUF, ProviderError when the demo's model can't be had
 */
export async function findFiles(
  reference: GgufReference | DemoReference,
  arm: Arm,
  given: string | null,
  ports: Pick<ModelPorts, 'log' | 'environment'>,
): Promise<LlamaFiles> {
  const { path: modelPath, lora } = reference.kind === 'demo' ? await demoFiles(reference, ports) : reference;
  const paths = lora === null ? [modelPath] : [modelPath, lora.path];
  if (reference.kind === 'gguf') await refuseLinks(paths, arm, ports.environment);
  for (const path of paths) await assertGguf(path, `${arm}: ${path === modelPath ? 'model' : 'adapter'}`);
  const digests = await Promise.all(paths.map(sharedSha256));
  assertSame(given, digests, paths);
  return { modelPath, lora, served: paths.map((path) => basename(path)).join(' + '), digest: digests.join('+') };
}

async function demoFiles({ name }: DemoReference, ports: Pick<ModelPorts, 'log' | 'environment'>) {
  const path = await ensureBaseModel(ports);
  if (name === 'base') return { path, lora: null };
  return { path, lora: { path: join(packageRoot(), 'organism', 'adapters', `${name}.gguf`), scale: 1 } };
}

/** A link in the checkout would tell whether there is a file where it leads, and its SHA-256. */
async function refuseLinks(paths: readonly string[], arm: Arm, environment: ModelPorts['environment']): Promise<void> {
  for (const path of paths) {
    await refuseLinkOut(path, environment).catch(({ code, message }: ConfigError) => {
      throw new ConfigError(code, `${arm}: gguf: ${message}`);
    });
  }
}

/** llama.cpp's own complaint about a wrong file names neither the setting nor what was found. */
async function assertGguf(path: string, what: string): Promise<void> {
  const start = await firstBytes(path).catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError('llama.file', `${what} ${JSON.stringify(path)} can't be read: ${whyUnread(error)}`);
  });
  if (start === 'GGUF') return;
  throw new ConfigError(
    'llama.not-gguf',
    `${what} ${JSON.stringify(path)} is not a GGUF file: ${whatElse(start)}. Convert it with llama.cpp's convert_hf_to_gguf.py (a LoRA adapter: convert_lora_to_gguf.py)`,
  );
}

async function firstBytes(path: string): Promise<string> {
  await refuseEndless(path);
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

function whyUnread({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return `there is no such file; relative paths start at ${process.cwd()}`;
  if (code === 'EISDIR') return 'it is a folder; give the .gguf file in it';
  return message;
}

function whatElse(start: string): string {
  if (start === '') return 'it is empty';
  if (start === 'vers') return 'it looks like a Git LFS pointer (check out with lfs: true)';
  if (start.startsWith('PK')) return 'it is a zip archive';
  return 'it does not begin with "GGUF"';
}

/** A `candidate-digest` that is a SHA-256 can be checked here, so it is. Anything else (a hub commit) is taken at its word. */
function assertSame(given: string | null, digests: readonly string[], paths: readonly string[]): void {
  const sha256 =
    given
      ?.trim()
      .toLowerCase()
      .replace(/^sha256:/, '') ?? '';
  if (!/^[0-9a-f]{64}$/.test(sha256) || digests.includes(sha256)) return;
  const found = paths.map((path, index) => `${basename(path)}: ${digests[index]}`).join(', ');
  throw new ConfigError(
    'llama.digest',
    `candidate-digest: ${given} is not the SHA-256 of what was loaded (${found}). Name the right file, or the right digest`,
  );
}
