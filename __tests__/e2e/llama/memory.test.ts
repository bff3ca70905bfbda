import { accessSync, constants, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parseReference } from '../../../src/config/model-reference.js';
import { ProviderError } from '../../../src/core/errors.js';
import { openLlama } from '../../../src/models/embedded/embedded-model.js';
import { ONE_BY_ONE } from '../../../src/models/embedded/parallelism.js';
import type { Model } from '../../../src/models/model.js';
import { item, SAMPLING, served } from '../../models/support.js';
import { type Bundle, bundleInRepository } from '../support/bundle.js';
import { baseModel, ports } from '../support/embedded.js';

/** What limits a process's memory from inside and from outside: util-linux, and a control group that may be written to. */
const CAN_LIMIT = existsSync('/proc/self/status') && existsSync('/usr/bin/prlimit');
const GROUPS = '/sys/fs/cgroup/memory';
const CAN_GROUP = isWritable(GROUPS) && existsSync(join(GROUPS, 'memory.limit_in_bytes'));

let bundle: Bundle;
let folder: string;
const opened: Model[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'llama-memory-'));
  [bundle] = await Promise.all([bundleInRepository(), baseModel()]);
}, 120_000);
afterEach(() => Promise.all(opened.splice(0).map((model) => model.close())));
afterAll(() => Promise.all([bundle.remove(), rm(folder, { recursive: true, force: true })]));

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The worker, which does this before and that after it has started. */
async function workerAfter(name: string, first: string, then = ''): Promise<string> {
  const path = join(folder, `${name}.mjs`);
  const imports =
    "import { execFileSync } from 'node:child_process'; import { readFileSync, writeFileSync } from 'node:fs';";
  await writeFile(
    path,
    `${imports}\n${first}\nawait import(${JSON.stringify(bundle.file('llama-worker.js'))});\n${then}`,
  );
  return path;
}

const LIMIT = `const limit = (megabytes) => {
  const now = Number(/VmSize:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  execFileSync('prlimit', ['--pid', String(process.pid), '--as=' + (now + megabytes * 1e6)]);
};`;

/** The worker with so much address space beyond what Node itself takes. */
const workerWithRoom = (megabytes: number) => workerAfter(`worker-${megabytes}`, `${LIMIT}\nlimit(${megabytes});`);

/** The worker that has so much left once its model is loaded. */
const workerWithRoomToAnswer = (megabytes: number) =>
  workerAfter(
    `worker-answers-${megabytes}`,
    LIMIT,
    `process.prependListener('message', ({ type }) => type === 'answer' && limit(${megabytes}));`,
  );

/**
 * The worker that is put under a limit when it begins an answer, and then takes so many bytes of its own. Pages of a model's
 * file would not do: they are charged to whoever read them first, maybe hours ago, and the system takes them back when it likes.
 */
const workerThatAsksFor = (bytes: number, group: string) =>
  workerAfter(
    'worker-in-group',
    '',
    `process.prependListener('message', ({ type }) => {
      if (type !== 'answer') return;
      writeFileSync(${JSON.stringify(group)}, String(process.pid));
      globalThis.held = Buffer.alloc(${bytes}, 1);
    });`,
  );

async function open(workerPath: string, maxTokens = 20): Promise<Model> {
  const parsed = parseReference('demo:base', 'candidate');
  if (parsed.kind !== 'demo') throw new Error('demo:base');
  const sampling = { ...SAMPLING, maxTokens };
  const settings = served('', { reference: 'demo:base', baseUrl: null, apiKey: null, sampling });
  const model = await openLlama(parsed, settings, 'candidate', ports(), workerPath, ONE_BY_ONE);
  opened.push(model);
  return model;
}

const counting = (model: Model) =>
  model.answer({ item: item('Count from one to one thousand, in words.'), index: 0, sample: 0 });

const rejection = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error: unknown) => error,
  );

describe('an embedded model that does not fit into the memory', () => {
  // How far it comes differs: Node's compiler, the binary's test, the weights, a context.
  (CAN_LIMIT ? it.each([200, 300]) : it.skip.each([0]))(
    'says so when there are %d MB for it: trouble, and no wrong file or package',
    async (megabytes) => {
      const error = await rejection(open(await workerWithRoom(megabytes)).then((model) => model.preflight()));
      expect(error).toBeInstanceOf(ProviderError);
      expect(error).toMatchObject({ exitCode: 2 });
      expect((error as Error).message).toMatch(
        /candidate:? demo:base:? .*(too little memory for it|ran out of memory|for want of memory)/s,
      );
    },
    60_000,
  );

  (CAN_LIMIT ? it : it.skip)(
    'says so when the weights fit and a long conversation does not',
    async () => {
      const model = await open(await workerWithRoomToAnswer(100), 8000);
      const error = await rejection(counting(model));
      expect(error).toBeInstanceOf(ProviderError);
      expect((error as Error).message).toMatch(/demo:base.*(too little memory|ran out of memory)/s);
    },
    60_000,
  );

  (CAN_GROUP ? it : it.skip)(
    'and is killed by the system for it says so, and how to mend it',
    async () => {
      const group = join(GROUPS, `misalignment-gate-${process.pid}`);
      await mkdir(group);
      try {
        await writeFile(join(group, 'memory.limit_in_bytes'), String(64e6));
        await writeFile(join(group, 'memory.swappiness'), '0');
        const worker = await workerThatAsksFor(256e6, join(group, 'cgroup.procs'));
        const error = await rejection(open(worker, 200).then(counting));
        expect(error).toMatchObject({
          code: 'llama.died',
          exitCode: 2,
          message: expect.stringMatching(
            /^The process of the candidate demo:base was killed, most likely for using too much memory: give the machine more/,
          ),
        });
        expect(await readFile(join(group, 'memory.oom_control'), 'utf8')).toMatch(/^oom_kill [1-9]/m);
      } finally {
        await Promise.all(opened.splice(0).map((model) => model.close()));
        await rmdir(group);
      }
    },
    60_000,
  );
});
