import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LlamaProcess } from '../../src/models/llama-process.js';

const SPEC = { purpose: 'chat', modelPath: 'model.gguf', lora: null, packageFolder: null } as const;
const DRAW = { temperature: 1, topK: 40, topP: 1, minP: 0, maxTokens: 8, seed: 1 };

/** A process that loads at once and then does `onAnswer`, in the worker's own terms: `id` of the request, `reply(message)`. */
const worker = (onAnswer: string) => `
  const reply = (message) => process.send(message);
  process.on('disconnect', () => process.exit(0));
  process.on('message', ({ type, id }) => {
    if (type === 'load') return reply({ type: 'loaded', id });
    if (type === 'answer') { ${onAnswer} }
  });
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'llama-process-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function start(onAnswer: string): Promise<LlamaProcess> {
  const path = join(folder, 'worker.mjs');
  await writeFile(path, worker(onAnswer));
  return LlamaProcess.start(SPEC, 'candidate gguf:tuned.gguf', path);
}

const ask = (process: LlamaProcess) => process.answer([{ role: 'user', content: 'Hello.' }], DRAW);

describe('the process of an embedded model', () => {
  it('is gone once closed, and what was under way is rejected', async () => {
    const process = await start('/* never answers */');
    const answer = ask(process).catch((error: Error) => error.message);
    await process.close();
    expect(await answer).toBe('The process of the candidate gguf:tuned.gguf was closed.');
    expect(await ask(process).catch((error: Error) => error.message)).toContain('was closed');
  });

  it('can be closed twice', async () => {
    const process = await start('');
    await process.close();
    await process.close();
  });
});
