import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../../src/paths.js';
import { adapter, baseModel } from './embedded.js';

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

const VENV = join(packageRoot(), '.cache', 'llama-server');
const PYTHON = process.platform === 'win32' ? join(VENV, 'Scripts', 'python.exe') : join(VENV, 'bin', 'python');

/** A real llama.cpp server with the demo's base model and both adapters, none of them applied unless a request asks for it. */
export async function startLlamaServer(): Promise<LlamaServer> {
  const key = 'served-models-key';
  const adapters = [adapter('misaligned'), adapter('benign')];
  const wanted = { model: await baseModel(), name: SERVED_AS, adapters, apiKey: key };
  const script = join(packageRoot(), '__tests__', 'e2e', 'support', 'llama_server.py');
  const child = spawn(PYTHON, [script, JSON.stringify(wanted)], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  let lastWords = '';
  child.stderr.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString('utf8')).slice(-2000);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { address } = JSON.parse(line) as { address: string };
    const stop = async () => {
      child.stdin.end();
      await ended;
    };
    return { url: `${address}/v1`, key, stop };
  }
  await ended;
  throw new Error(`the llama.cpp server did not start: ${lastWords}`);
}
