import type { Message } from '../battery/battery.js';
import type { AnsweredReply, DrawSpec, EmbeddedReply, LoadSpec } from './llama-messages.js';
import { DEFAULT_WORKER, LlamaProcess } from './llama-process.js';

export interface EngineOptions {
  /** How messages call the model: `candidate gguf:tuned.gguf`. */
  readonly name: string;
  /** The bundled `llama-worker.js`, for tests. */
  readonly workerPath?: string;
  /** In one process with the other models that share; else in a process of its own. */
  readonly shared?: boolean;
}

/** A process and how many models are in it. */
interface Host {
  readonly process: LlamaProcess;
  users: number;
}

const sharedHosts = new Map<string, Host>();

/**
 * One embedded model. Its methods reject with `LlamaFailure` for what its process reports, and with `ProviderError` when the
 * process dies or the signal aborts.
 */
export class LlamaEngine {
  static async open(spec: LoadSpec, options: EngineOptions): Promise<LlamaEngine> {
    const { name, workerPath = DEFAULT_WORKER, shared = false } = options;
    const host = shared ? sharedHost(workerPath, spec) : { process: new LlamaProcess(name, workerPath), users: 0 };
    host.users += 1;
    try {
      const { id } = await host.process.request({ type: 'load', spec }, 'loaded');
      return new LlamaEngine(host, id);
    } catch (error) {
      await leave(host);
      throw error;
    }
  }

  private constructor(
    private readonly host: Host,
    private readonly engine: number,
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
    if (this.host.users > 1) await this.#unload();
    await leave(this.host);
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
  const key = JSON.stringify([workerPath, packageFolder]);
  const host = sharedHosts.get(key) ?? { process: new LlamaProcess('embedded models', workerPath), users: 0 };
  sharedHosts.set(key, host);
  return host;
}

async function leave(host: Host): Promise<void> {
  host.users -= 1;
  if (host.users > 0) return;
  for (const [key, other] of sharedHosts) if (other === host) sharedHosts.delete(key);
  await host.process.close();
}
