/**
 * The process of one embedded model: a crash or a shortage of memory in native code ends this process, not the gate.
 * Started by `models/llama-process.ts` with an IPC channel; ends when that closes.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LlamaEmbeddingContext, LlamaModel } from 'node-llama-cpp';
import { ChatEngine, THREADS } from './models/llama-chat.js';
import { LlamaFailure } from './models/llama-failure.js';
import { type LlamaReply, type LlamaRequest, type LoadSpec, readRequest } from './models/llama-messages.js';

type Llama = typeof import('node-llama-cpp');
type Loaded = { readonly chat: ChatEngine } | { readonly embed: LlamaModel };

const cancelled = new Set<number>();
/** What llama.cpp last complained of: its own errors say no more than "failed to load". */
const complaints: string[] = [];
let loaded: Loaded | null = null;
let embedding: LlamaEmbeddingContext | null = null;
let queue: Promise<void> = Promise.resolve();

process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; the gate decides when this process ends.
process.on('SIGINT', () => {});
process.on('message', (message: unknown) => {
  const request = readRequest(message);
  if (request === null) return;
  if (request.type === 'cancel') {
    cancelled.add(request.id);
    return;
  }
  queue = queue.then(async () => {
    process.send?.(await reply(request));
    cancelled.delete(request.id);
  });
});

async function reply(request: Exclude<LlamaRequest, { type: 'cancel' }>): Promise<LlamaReply> {
  const { id } = request;
  try {
    if (cancelled.has(id)) throw new LlamaFailure('cancelled', 'cancelled');
    switch (request.type) {
      case 'load':
        loaded = await load(request.spec);
        return { type: 'loaded', id };
      case 'answer':
        return { type: 'answered', id, ...(await answer(request)) };
      case 'embed':
        return { type: 'embedded', id, vector: await embed(request.text, request.maxTokens) };
    }
  } catch (error) {
    const { code, message } = asFailure(error);
    return { type: 'failed', id, code, message: [message, ...complaints.splice(0)].join('; ') };
  }
}

async function load(spec: LoadSpec): Promise<Loaded> {
  const llama = await importLlama(spec.packageFolder);
  const runtime = await llama.getLlama({
    gpu: false,
    build: 'never',
    maxThreads: THREADS,
    progressLogs: false,
    logLevel: llama.LlamaLogLevel.error,
    logger: (_level, message) => {
      complaints.push(message.trim());
      if (complaints.length > 3) complaints.shift();
    },
  });
  const model = await runtime.loadModel({ modelPath: spec.modelPath }).catch((error: unknown) => {
    const { code, message } = asFailure(error);
    throw new LlamaFailure(code === 'failed' ? 'bad-model' : code, message);
  });
  return spec.purpose === 'chat' ? { chat: new ChatEngine(llama, model, spec.lora) } : { embed: model };
}

async function importLlama(folder: string | null): Promise<Llama> {
  try {
    if (folder === null) return await import('node-llama-cpp');
    const entry = createRequire(join(folder, 'package.json')).resolve('node-llama-cpp');
    return (await import(pathToFileURL(entry).href)) as Llama;
  } catch (error) {
    throw new LlamaFailure('no-package', error instanceof Error ? error.message : String(error));
  }
}

function answer(request: Extract<LlamaRequest, { type: 'answer' }>) {
  if (!loaded || !('chat' in loaded)) throw new LlamaFailure('failed', 'no chat model is loaded');
  return loaded.chat.answer(request.messages, request.draw, () => cancelled.has(request.id));
}

async function embed(text: string, maxTokens: number): Promise<readonly number[]> {
  if (!loaded || !('embed' in loaded)) throw new LlamaFailure('failed', 'no embedding model is loaded');
  embedding ??= await loaded.embed.createEmbeddingContext({ threads: THREADS, contextSize: 512, batchSize: 512 });
  const tokens = loaded.embed.tokenize(text, false).slice(0, maxTokens);
  return (await embedding.getEmbeddingFor(tokens)).vector;
}

function asFailure(error: unknown): LlamaFailure {
  if (error instanceof LlamaFailure) return error;
  const name = error instanceof Error ? error.constructor.name : '';
  const message = error instanceof Error ? error.message : String(error);
  if (name === 'NoBinaryFoundError') return new LlamaFailure('no-binary', message);
  if (name === 'InsufficientMemoryError') return new LlamaFailure('no-memory', message);
  return new LlamaFailure('failed', message);
}
