import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Message } from '../battery/battery.js';
import { ProviderError } from '../errors.js';
import { LlamaFailure } from './llama-failure.js';
import {
  type AnsweredReply,
  type DrawSpec,
  type EmbeddedReply,
  type LlamaReply,
  type LlamaRequest,
  type LoadSpec,
  readReply,
} from './llama-messages.js';

/** The bundle has the worker beside every chunk; tests give the path of one they bundled. */
export const DEFAULT_WORKER = fileURLToPath(new URL('./llama-worker.js', import.meta.url));

/** Characters of the process's last words kept for the message when it dies. */
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

type Unsent<Request> = Request extends LlamaRequest ? Omit<Request, 'id'> : never;

/**
 * One embedded model in a process of its own. Its methods reject with `LlamaFailure` for what the process itself reports, and
 * with `ProviderError` when it dies or the signal aborts.
 */
export class LlamaProcess {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  #lastWords = '';
  #closing = false;
  #ended: ProviderError | null = null;

  /** @param name how messages call the model: `candidate gguf:tuned.gguf`. */
  static async start(spec: LoadSpec, name: string, workerPath = DEFAULT_WORKER): Promise<LlamaProcess> {
    const started = new LlamaProcess(name, workerPath);
    try {
      await started.#request({ type: 'load', spec });
      return started;
    } catch (error) {
      await started.close();
      throw error;
    }
  }

  private constructor(name: string, workerPath: string) {
    this.#name = name;
    this.#child = fork(workerPath, [], {
      // Options of this process (a debugger's port, a test runner's flags) are not the model's.
      execArgv: [],
      env: Object.fromEntries(Object.entries(process.env).filter(([key]) => ENVIRONMENT.test(key))),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString('utf8')).slice(-LAST_WORDS);
    });
    this.#child.on('message', (message) => this.#settle(message));
    this.#child.on('error', (error) => this.#end(`could not be started: ${error.message}`));
    // `close` comes after the last of stderr, `exit` may come before it.
    this.#child.on('close', (code, signal) => this.#end(this.#closing ? 'was closed' : deathOf(code, signal)));
  }

  async answer(messages: readonly Message[], draw: DrawSpec, signal?: AbortSignal): Promise<AnsweredReply> {
    const reply = await this.#request({ type: 'answer', messages, draw }, signal);
    return expectReply(reply, 'answered');
  }

  /** @param maxTokens the text is cut there; at least 1, at most 500. */
  async embed(text: string, maxTokens: number, signal?: AbortSignal): Promise<EmbeddedReply> {
    const reply = await this.#request({ type: 'embed', text, maxTokens }, signal);
    return expectReply(reply, 'embedded');
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
    const words = this.#lastWords.trim();
    this.#ended ??= new ProviderError(
      'llama.died',
      `The process of the ${this.#name} ${how}.${words && ` Its last words: ${words}`}`,
    );
    for (const { reject } of this.#pending.values()) reject(this.#ended);
    this.#pending.clear();
  }
}

function deathOf(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGKILL')
    return 'was killed, most likely for using too much memory: give the machine more, or take a smaller model';
  if (signal === 'SIGTERM') return 'was ended from outside (SIGTERM)';
  if (signal !== null) return `crashed in llama.cpp (${signal})`;
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
