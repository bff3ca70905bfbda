import { adapter, baseModel } from './embedded.js';
import { startPython } from './python-server.js';

/** Which adapter a request wears, as llama.cpp's server takes it in a request's body. */
export const LORA = {
  base: [{ id: 0, scale: 0 }],
  misaligned: [{ id: 0, scale: 1 }],
  benign: [{ id: 1, scale: 1 }],
} as const;

/** Whatever a request's model is called: this server has one, and says so. */
export const SERVED_AS = 'SmolLM2-135M-Instruct';

export interface LlamaServer {
  /** Up to and including `/v1`. */
  readonly url: string;
  readonly key: string;
  stop(): Promise<void>;
}

export interface LlamaOptions {
  /** What it says it serves. */
  readonly name?: string;
  /** By default any that is free. */
  readonly port?: number;
  /** Loads these alone, and applies them to every request that names none. By default both, applied to none. */
  readonly applied?: readonly Parameters<typeof adapter>[0][];
}

/** A real llama.cpp server with the demo's base model. */
export async function startLlamaServer({
  name = SERVED_AS,
  port = 0,
  applied,
}: LlamaOptions = {}): Promise<LlamaServer> {
  const key = 'served-models-key';
  const adapters = (applied ?? (['misaligned', 'benign'] as const)).map(adapter);
  const wanted = { model: await baseModel(), name, port, adapters, apply: applied !== undefined, apiKey: key };
  const { address, stop } = await startPython('llama-server', 'llama_server.py', JSON.stringify(wanted));
  return { url: `${address}/v1`, key, stop };
}
