import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isLoaded, LlamaEngine } from '../../../src/models/embedded/llama-engine.js';
import { assertRoom } from '../../../src/models/embedded/memory.js';
import { ONE_BY_ONE } from '../../../src/models/embedded/parallelism.js';

const SPEC = {
  purpose: 'chat',
  modelPath: 'model.gguf',
  lora: null,
  packageFolder: null,
  spread: ONE_BY_ONE,
} as const;
const DRAW = { temperature: 1, topK: 40, topP: 1, minP: 0, maxTokens: 8, seed: 1 };

/** A process that loads at once and then does `onAnswer`, in the worker's own terms: `id` of the request, `reply(message)`. */
const worker = (onAnswer: string) => `
  const reply = (message) => process.send(message);
  process.on('disconnect', () => process.exit(0));
  process.on('message', ({ type, id }) => {
    if (type === 'load') return reply({ type: 'loaded', id, device: 'cpu', answersAtOnce: 1 });
    if (type === 'unload') return reply({ type: 'unloaded', id });
    if (type === 'answer') { ${onAnswer} }
  });
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'llama-process-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function start(onAnswer: string, shared = false, name = 'candidate gguf:tuned.gguf'): Promise<LlamaEngine> {
  const path = join(folder, 'worker.mjs');
  await writeFile(path, worker(onAnswer));
  return LlamaEngine.open(SPEC, { name, workerPath: path, shared });
}

const ask = (process: LlamaEngine) => process.answer([{ role: 'user', content: 'Hello.' }], DRAW);

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

  it('shared by two models ends with the last of them', async () => {
    const answer = `reply({ type: 'answered', id, text: String(process.pid), truncated: false, promptTokens: 1, completionTokens: 1 })`;
    const [first, second] = [await start(answer, true), await start(answer, true)];
    const { text } = await ask(first);
    expect((await ask(second)).text).toBe(text);
    await first.close();
    expect((await ask(second)).text).toBe(text);
    await second.close();
    expect(() => process.kill(Number(text), 0)).toThrow('ESRCH');
  });

  it('shared by two models does not end because one of them is closed twice', async () => {
    const answer = `reply({ type: 'answered', id, text: 'still here', truncated: false, promptTokens: 1, completionTokens: 1 })`;
    const [first, second] = [await start(answer, true), await start(answer, true)];
    await first.close();
    await first.close();
    expect((await ask(second)).text).toBe('still here');
    await second.close();
  });

  it('shared by two models names both when it dies, and rejects what either had under way', async () => {
    const die = "process.kill(process.pid, 'SIGKILL');";
    const both = [await start(die, true), await start(die, true, 'baseline gguf:base.gguf')];
    const errors = await Promise.all(both.map((model) => ask(model).catch((error: Error) => error.message)));
    const said = 'The process of the candidate gguf:tuned.gguf and the baseline gguf:base.gguf was killed';
    expect(errors).toEqual([expect.stringContaining(said), expect.stringContaining(said)]);
    await Promise.all(both.map((model) => model.close()));
  });

  it('shared by two models says whose weights it holds already', async () => {
    const path = join(folder, 'worker.mjs');
    expect(isLoaded(SPEC, path)).toBe(false);
    const model = await start('', true);
    expect(isLoaded({ ...SPEC, modelPath: join(process.cwd(), 'model.gguf') }, path)).toBe(true);
    expect(isLoaded({ ...SPEC, modelPath: 'other.gguf' }, path)).toBe(false);
    await model.close();
    expect(isLoaded(SPEC, path)).toBe(false);
  });

  it.each([
    [
      'std::bad_alloc on the last words',
      "process.stderr.write('terminate called: std::bad_alloc'); process.exit(134);",
      'ran out of memory',
    ],
    [
      'Node’s own words above a long trace',
      "process.stderr.write('# Fatal process out of memory: Zone\\n' + '1: 0xd32b41 [/usr/bin/node]\\n'.repeat(100), () => process.kill(process.pid, 'SIGTRAP'));",
      'ran out of memory',
    ],
    ['SIGKILL', "process.kill(process.pid, 'SIGKILL');", 'was killed, most likely for using too much memory'],
    ['the exit code of a killed process', 'process.exit(137);', 'was killed, most likely for using too much memory'],
  ])('that ends by %s says that memory did not suffice, and what helps', async (_, onAnswer, said) => {
    const process = await start(onAnswer);
    await expect(ask(process)).rejects.toMatchObject({
      code: 'llama.died',
      exitCode: 2,
      message: expect.stringContaining(`The process of the candidate gguf:tuned.gguf ${said}: give the machine more`),
    });
  });

  it('that ends otherwise says how', async () => {
    const process = await start('process.exit(3);');
    await expect(ask(process)).rejects.toThrow('ended by itself (exit code 3)');
  });
});

describe('the memory for an embedded model', () => {
  it('is compared with what is free before the model is loaded', async () => {
    const path = join(folder, 'model.gguf');
    await writeFile(path, Buffer.alloc(1_000_000));
    await expect(assertRoom([path], 'candidate: gguf:model.gguf', 150e6)).rejects.toMatchObject({
      code: 'llama.no-memory',
      message: expect.stringMatching(
        /^candidate: gguf:model\.gguf: .* needs about 0\.2 GB, and 0\.1 GB are free.*smaller model/s,
      ),
    });
    await assertRoom([path], 'candidate: gguf:model.gguf', 300e6);
  });
});
