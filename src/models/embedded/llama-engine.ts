import { resolve } from 'node:path';
import type { Message } from '../../battery/battery.js';
import { DEFAULT_WORKER, LlamaProcess } from './process.js';
import type { AnsweredReply, Device, DrawSpec, EmbeddedReply, LoadSpec } from './protocol.js';

export interface EngineOptions {
  /** How messages call the model: `candidate gguf:tuned.gguf`. */
  readonly name: string;
  /** The bundled `llama-worker.js`, for tests. */
  readonly workerPath?: string;
  /** In one process with the other models that share; else in a process of its own. */
  readonly shared?: boolean;
}

/** A process and the models in it. */
interface Host {
  readonly process: LlamaProcess;
  readonly users: User[];
}

interface User {
  readonly name: string;
  readonly modelPath: string;
}

const sharedHosts = new Map<string, Host>();

/** Whether a model that shares its process would find these weights there. */
export function isLoaded({ packageFolder, modelPath }: LoadSpec, workerPath = DEFAULT_WORKER): boolean {
  const host = sharedHosts.get(keyOf(workerPath, packageFolder));
  return host?.users.some((user) => user.modelPath === resolve(modelPath)) ?? false;
}

/**
 * One embedded model. Its methods reject with `LlamaFailure` for what its process reports, and with `ProviderError` when the
 * process dies or the signal aborts.
 */
export class LlamaEngine {
  static async open(spec: LoadSpec, options: EngineOptions): Promise<LlamaEngine> {
    const { name, workerPath = DEFAULT_WORKER, shared = false } = options;
    const host = shared ? sharedHost(workerPath, spec) : newHost(workerPath);
    const user = { name, modelPath: resolve(spec.modelPath) };
    host.users.push(user);
    try {
      const { id, device, answersAtOnce } = await host.process.request({ type: 'load', spec }, 'loaded');
      return new LlamaEngine(host, user, id, device, answersAtOnce);
    } catch (error) {
      await leave(host, user);
      throw error;
    }
  }

  private constructor(
    private readonly host: Host,
    private readonly user: User,
    private readonly engine: number,
    readonly device: Device,
    readonly answersAtOnce: number,
  ) {}

  answer(messages: readonly Message[], draw: DrawSpec, signal?: AbortSignal): Promise<AnsweredReply> {
    return this.host.process.request({ type: 'answer', engine: this.engine, messages, draw }, 'answered', signal);
  }

  /** @param maxTokens the text is cut there; at least 1, at most 500. */
  embed(text: string, maxTokens: number, signal?: AbortSignal): Promise<EmbeddedReply> {
    return this.host.process.request({ type: 'embed', engine: this.engine, text, maxTokens }, 'embedded', signal);
  }

  /** The last model to be closed ends the process. */
  async close(): Promise<void> {
    if (!this.host.users.includes(this.user)) return;
    if (this.host.users.length > 1) await this.#unload();
    await leave(this.host, this.user);
  }

  async #unload(): Promise<void> {
    const limit = AbortSignal.timeout(UNLOAD_TIMEOUT_MS);
    const late = new Promise<void>((resolve) => limit.addEventListener('abort', () => resolve(), { once: true }));
    // A process that has died has let go of everything.
    const unloaded = this.host.process.request({ type: 'unload', engine: this.engine }, 'unloaded').catch(() => {});
    await Promise.race([unloaded, late]);
  }
}

/** Milliseconds that a process gets to let go of a model. */
const UNLOAD_TIMEOUT_MS = 2000;

function sharedHost(workerPath: string, { packageFolder }: LoadSpec): Host {
  const key = keyOf(workerPath, packageFolder);
  const host = sharedHosts.get(key) ?? newHost(workerPath);
  sharedHosts.set(key, host);
  return host;
}

function newHost(workerPath: string): Host {
  const users: User[] = [];
  const named = () => users.map(({ name }) => name).join(' and the ');
  return { users, process: new LlamaProcess(named, workerPath) };
}

function keyOf(workerPath: string, packageFolder: string | null): string {
  return JSON.stringify([workerPath, packageFolder]);
}

/** The last one stays named: what its process has to say after that is about it. */
async function leave(host: Host, user: User): Promise<void> {
  if (host.users.length > 1) {
    host.users.splice(host.users.indexOf(user), 1);
    return;
  }
  for (const [key, other] of sharedHosts) if (other === host) sharedHosts.delete(key);
  await host.process.close();
}
