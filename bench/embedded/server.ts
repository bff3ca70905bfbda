import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../src/core/package.js';
import type { Speed } from './run.js';

export interface Server {
  ask(question: string, maxTokens: number): Promise<Speed>;
  close(): Promise<void>;
}

interface Reply {
  readonly usage: { readonly completion_tokens: number };
  /** llama.cpp's own clock. */
  readonly timings?: { readonly predicted_per_second?: number };
}

/** llama.cpp's server as the end-to-end tests start it: one thread. */
export async function startServer(model: string): Promise<Server> {
  const root = packageRoot();
  const python = join(
    root,
    '.cache',
    'llama-server',
    ...(process.platform === 'win32' ? ['Scripts'] : ['bin']),
    'python',
  );
  const script = join(root, '__tests__', 'e2e', 'support', 'llama_server.py');
  const wanted = JSON.stringify({ model, name: 'base', port: 0, adapters: [], apply: false, apiKey: null });
  const child = spawn(python, [script, wanted], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ended.then(() => Promise.reject(new Error('the llama.cpp server ended before it listened'))),
  ]);
  const { address } = JSON.parse(String(line)) as { address: string };
  return {
    ask: async (question, maxTokens) => {
      const messages = [{ role: 'user', content: question }];
      const body = { model: 'base', messages, temperature: 0, top_k: 40, top_p: 1, min_p: 0, max_tokens: maxTokens };
      const start = performance.now();
      const response = await fetch(`${address}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const { usage, timings } = (await response.json()) as Reply;
      const whole = (usage.completion_tokens * 1000) / (performance.now() - start);
      return { generating: timings?.predicted_per_second ?? null, whole };
    },
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
