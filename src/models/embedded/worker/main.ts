/**
 * The process of embedded models: a crash or a shortage of memory in native code ends this process, not the gate.
 * Started by `models/embedded/process.ts` with an IPC channel; ends when that closes.
 */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Llama, LlamaModel } from 'node-llama-cpp';
import { isShortOf, memoryShortage } from '../memory.js';
import { spreadOn, thisMachine } from '../parallelism.js';
import {
  type Device,
  type FailureCode,
  LlamaFailure,
  type LlamaReply,
  type LlamaRequest,
  type LoadSpec,
  readRequest,
} from '../protocol.js';
import { ChatEngine } from './chat.js';
import { Embedder } from './embedder.js';

type Package = typeof import('node-llama-cpp');
/** Milliseconds. */
const WORDS_MS = 50;
/** What a process that tries out a binary takes. */
const BINARY_BYTES = 500e6;

type Order = Exclude<LlamaRequest, { type: 'cancel' }>;

const cancelled = new Set<number>();
/** What llama.cpp last complained of: its own errors say no more than "failed to load". */
const complaints: string[] = [];
const engines = new Map<number, ChatEngine | Embedder>();
/** Weights by file: two models that differ in their adapter alone share them. */
const weights = new Map<string, Promise<LlamaModel>>();
let runtime: Promise<{ readonly llama: Package; readonly native: Llama }> | null = null;

process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; the gate decides when this process ends.
process.on('SIGINT', () => {});
process.on('message', async (message: unknown) => {
  const request = readRequest(message);
  if (request === null) return;
  if (request.type === 'cancel') {
    cancelled.add(request.id);
    return;
  }
  process.send?.(await reply(request));
  cancelled.delete(request.id);
});

async function reply(order: Order): Promise<LlamaReply> {
  const { id } = order;
  try {
    return await carryOut(order);
  } catch (error) {
    const failure = asFailure(error);
    // llama.cpp's words come by another way than its error, and a little later.
    await new Promise((resolve) => setTimeout(resolve, WORDS_MS));
    const message = [failure.message, ...complaints.splice(0)].join('; ');
    return { type: 'failed', id, code: withCause(failure.code, message), message };
  }
}

async function carryOut(order: Order): Promise<LlamaReply> {
  const { id } = order;
  switch (order.type) {
    case 'load':
      return { type: 'loaded', id, ...(await load(id, order.spec)) };
    case 'unload':
      await engines.get(order.engine)?.dispose();
      engines.delete(order.engine);
      return { type: 'unloaded', id };
    case 'answer': {
      const engine = engines.get(order.engine);
      if (!(engine instanceof ChatEngine)) throw new LlamaFailure('failed', 'no chat model is loaded');
      return { type: 'answered', id, ...(await engine.answer(order.messages, order.draw, () => cancelled.has(id))) };
    }
    case 'embed': {
      const engine = engines.get(order.engine);
      if (!(engine instanceof Embedder)) throw new LlamaFailure('failed', 'no embedding model is loaded');
      return { type: 'embedded', id, ...(await engine.embed(order.text, order.maxTokens)) };
    }
  }
}

async function load(id: number, spec: LoadSpec): Promise<{ device: Device; answersAtOnce: number }> {
  runtime ??= start(spec);
  const { llama, native } = await runtime;
  const model = await weightsOf(spec, native);
  // A GPU that llama.cpp can't use is none.
  const spread = spec.spread.gpu && native.gpu === false ? spreadOn({ ...thisMachine(), gpu: false }) : spec.spread;
  engines.set(
    id,
    spec.purpose === 'chat' ? new ChatEngine(llama, model, { ...spec, spread }) : new Embedder(model, spread.threads),
  );
  return { device: native.gpu || 'cpu', answersAtOnce: spread.contexts * spread.sequences };
}

async function weightsOf(spec: LoadSpec, native: Llama): Promise<LlamaModel> {
  const modelPath = resolve(spec.modelPath);
  const loading = weights.get(modelPath) ?? native.loadModel({ modelPath });
  weights.set(modelPath, loading);
  return loading.catch((error: unknown) => {
    weights.delete(modelPath);
    const { code, message } = asFailure(error);
    throw new LlamaFailure(code === 'failed' ? 'bad-model' : code, message);
  });
}

async function start({ packageFolder, spread }: LoadSpec) {
  const llama = await importPackage(packageFolder);
  const native = await llama.getLlama({
    gpu: spread.gpu ? 'auto' : false,
    build: 'never',
    // No limit over all contexts: the spread gives each its own.
    maxThreads: 0,
    progressLogs: false,
    logLevel: llama.LlamaLogLevel.error,
    logger: (_level, message) => {
      complaints.push(message.trim());
      if (complaints.length > 3) complaints.shift();
    },
  });
  return { llama, native };
}

async function importPackage(folder: string | null): Promise<Package> {
  try {
    if (folder === null) return await import('node-llama-cpp');
    const entry = createRequire(join(folder, 'package.json')).resolve('node-llama-cpp');
    return (await import(pathToFileURL(entry).href)) as Package;
  } catch (error) {
    throw new LlamaFailure('no-package', error instanceof Error ? error.message : String(error));
  }
}

/** What a load that runs out of memory fails with depends on where it was; whether the package has a binary is tried out, too. */
function withCause(code: FailureCode, message: string): FailureCode {
  if (code === 'cancelled' || code === 'too-long') return code;
  if (memoryShortage(message) !== null) return 'no-memory';
  return code === 'no-binary' && isShortOf(BINARY_BYTES) ? 'no-memory' : code;
}

function asFailure(error: unknown): LlamaFailure {
  if (error instanceof LlamaFailure) return error;
  const name = error instanceof Error ? error.constructor.name : '';
  const message = error instanceof Error ? error.message : String(error);
  if (name === 'NoBinaryFoundError') return new LlamaFailure('no-binary', message);
  if (name === 'InsufficientMemoryError') return new LlamaFailure('no-memory', message);
  return new LlamaFailure('failed', message);
}
