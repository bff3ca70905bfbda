import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ProviderError } from '../../core/errors.js';
import { memoryShortage } from './memory.js';
import { LlamaFailure, type LlamaReply, type LlamaRequest, readReply } from './protocol.js';

/** The bundle has the worker beside every chunk; tests give the path of one they bundled. */
export const DEFAULT_WORKER = fileURLToPath(new URL('./llama-worker.js', import.meta.url));

/** Characters kept of what the process says: why it died may stand above a long trace. */
const KEPT_WORDS = 10_000;
/** Characters of that in the message. */
const LAST_WORDS = 500;
/** Milliseconds a process gets to end by itself. */
const CLOSE_TIMEOUT_MS = 2000;

/** What a native program needs of the environment. Nothing else is handed on: a model's process has no use for keys. */
const ENVIRONMENT =
  /^(PATH|HOME|USERPROFILE|SYSTEMROOT|TEMP|TMP|TMPDIR|LANG|LC_.*|LD_LIBRARY_PATH|NODE_LLAMA_CPP_.*)$/i;

interface Pending {
  readonly resolve: (reply: LlamaReply) => void;
  readonly reject: (error: Error) => void;
}

export type Unsent<Request> = Request extends LlamaRequest ? Omit<Request, 'id'> : never;

/** A process in which llama.cpp runs. */
export class LlamaProcess {
  readonly #child: ChildProcess;
  readonly #name: () => string;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  #lastWords = '';
  #closing = false;
  #ended: ProviderError | null = null;

  /** @param name how messages call what is in it: `candidate gguf:tuned.gguf` */
  constructor(name: () => string, workerPath: string) {
    this.#name = name;
    this.#child = fork(workerPath, [], {
      // Options of this process (a debugger's port, a test runner's flags) are not the model's.
      execArgv: [],
      env: environment(),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString('utf8')).slice(-KEPT_WORDS);
    });
    this.#child.on('message', (message) => this.#settle(message));
    this.#child.on('error', (error) => this.#end(`could not be started: ${error.message}`));
    // `close` comes after the last of stderr, `exit` may come before it.
    this.#child.on('close', (code, signal) => {
      this.#end(this.#closing ? 'was closed' : deathOf(code, signal, this.#lastWords));
    });
  }

  /** Ends the process; whatever was under way is rejected. Resolves when it is gone. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return;
    // Not `close`: Node 20 never emits it once the parent itself has disconnected.
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_TIMEOUT_MS);
    if (this.#child.connected) this.#child.disconnect();
    await gone;
    clearTimeout(timer);
    this.#end('was closed');
  }

  /** @throws LlamaFailure for what the process reports; ProviderError when it dies or the signal aborts */
  async request<Type extends LlamaReply['type']>(
    request: Unsent<LlamaRequest>,
    expected: Type,
    signal?: AbortSignal,
  ): Promise<Extract<LlamaReply, { type: Type }>> {
    return expectReply(await this.#request(request, signal), expected);
  }

  async #request(request: Unsent<LlamaRequest>, signal?: AbortSignal): Promise<LlamaReply> {
    if (signal?.aborted) throw stopped(signal);
    if (this.#ended) throw this.#ended;
    const id = this.#nextId++;
    const cancel = () => this.#send({ type: 'cancel', id });
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await new Promise<LlamaReply>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject });
        this.#send({ ...request, id } as LlamaRequest);
      });
    } catch (error) {
      throw signal?.aborted && isCancelled(error) ? stopped(signal) : error;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  #send(request: LlamaRequest): void {
    // A send that fails means that the process is going; its end rejects what is pending.
    if (this.#child.connected) this.#child.send(request, () => {});
  }

  #settle(message: unknown): void {
    const reply = readReply(message);
    if (reply === null) {
      this.#child.kill('SIGKILL');
      this.#end('sent a message that is no reply');
      return;
    }
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.type === 'failed') pending?.reject(new LlamaFailure(reply.code, reply.message));
    else pending?.resolve(reply);
  }

  #end(how: string): void {
    const words = (memoryShortage(this.#lastWords) ?? this.#lastWords).trim().slice(-LAST_WORDS);
    this.#ended ??= new ProviderError(
      'llama.died',
      `The process of the ${this.#name()} ${how}.${words && ` Its last words: ${words}`}`,
    );
    for (const { reject } of this.#pending.values()) reject(this.#ended);
    this.#pending.clear();
  }
}

/** Each context computes in one of Node's worker threads, of which there are only four by default. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([key]) => ENVIRONMENT.test(key));
  return { ...Object.fromEntries(kept), UV_THREADPOOL_SIZE: String(4 + availableParallelism()) };
}

/** 128 and the number of SIGKILL: how a shell or a container tells it. */
const KILLED = 137;
const MORE_MEMORY = 'give the machine more, or take a smaller model or a stronger quantisation';

function deathOf(code: number | null, signal: NodeJS.Signals | null, words: string): string {
  if (memoryShortage(words) !== null) return `ran out of memory: ${MORE_MEMORY}`;
  if (signal === 'SIGKILL' || code === KILLED) {
    return `was killed, most likely for using too much memory: ${MORE_MEMORY}`;
  }
  if (signal === 'SIGTERM') return 'was ended from outside (SIGTERM)';
  if (signal !== null) return `crashed in llama.cpp (${signal}), as it may for want of memory`;
  return `ended by itself (exit code ${code})`;
}

function isCancelled(error: unknown): boolean {
  return error instanceof LlamaFailure && error.code === 'cancelled';
}

function stopped(signal: AbortSignal): ProviderError {
  return new ProviderError('llama.stopped', 'The request was stopped.', { cause: signal.reason });
}

function expectReply<Type extends LlamaReply['type']>(
  reply: LlamaReply,
  type: Type,
): Extract<LlamaReply, { type: Type }> {
  if (reply.type === type) return reply as Extract<LlamaReply, { type: Type }>;
  throw new ProviderError(
    'llama.protocol',
    `An embedded model's process answered "${reply.type}" instead of "${type}".`,
  );
}
