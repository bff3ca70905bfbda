import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Session } from '../../src/action/session.js';
import { type CacheService, restoreFromCache, saveToCache } from '../../src/action/state-cache.js';
import { type Logger, silentLogger } from '../../src/core/log.js';
import { type Runner, startRunner } from './runner.js';

/** A cache that holds whole texts: newest last, entries never change. */
class FakeCache implements CacheService {
  readonly entries: { key: string; path: string; text: string }[] = [];
  available = true;

  isFeatureAvailable(): boolean {
    return this.available;
  }

  async restoreCache(
    [path = '']: string[],
    primaryKey: string,
    restoreKeys: string[] = [],
  ): Promise<string | undefined> {
    const keys = [primaryKey, ...restoreKeys];
    // Key after key, of each the newest entry.
    const [found] = keys.flatMap((key) =>
      this.entries.filter((entry) => entry.path === path && entry.key.startsWith(key)).slice(-1),
    );
    if (found === undefined) return undefined;
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'book.jsonl'), found.text);
    return found.key;
  }

  async saveCache([path = '']: string[], key: string): Promise<number> {
    if (this.entries.some((entry) => entry.key === key)) throw new Error(`${key} already exists`);
    return this.entries.push({ key, path, text: await readFile(join(path, 'book.jsonl'), 'utf8') });
  }
}

const BROKEN: CacheService = {
  isFeatureAvailable: () => true,
  restoreCache: () => Promise.reject(new Error('service unavailable')),
  saveCache: () => Promise.reject(new Error('service unavailable')),
};

const PART = 'state/run-1a2b';
let saved: { env: NodeJS.ProcessEnv; cwd: string };
let runner: Runner;
let cache: FakeCache;
let notices: string[];
let log: Logger;

beforeEach(async () => {
  saved = { env: process.env, cwd: process.cwd() };
  cache = new FakeCache();
  notices = [];
  log = { ...silentLogger, notice: (text) => notices.push(text) };
  await newMachine();
});
afterEach(async () => {
  process.env = saved.env;
  process.chdir(saved.cwd);
  await runner.remove();
});

/** A job starts on an empty workspace. */
async function newMachine(): Promise<void> {
  await runner?.remove();
  runner = await startRunner({ event: 'push', payload: {} });
  process.env = { ...runner.env };
  process.chdir(runner.workspace);
}

async function mainStep(
  attempt: number,
  text: string | null,
  service: CacheService = cache,
  step = 'gate',
): Promise<string> {
  const environment = { workspace: process.cwd(), runId: 7, runAttempt: attempt, workflow: 'w', job: 'j', step };
  const session = { environment, log, inputs: { values: {} }, event: null, settings: null } as unknown as Session;
  const folder = join(process.cwd(), PART);
  await restoreFromCache(session, async () => service)([{ name: 'run-1a2b', folder }]);
  const found = await readFile(join(folder, 'book.jsonl'), 'utf8').catch(() => 'nothing');
  if (text === null) return found;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'book.jsonl'), text);
  return found;
}

async function postStep(service: CacheService = cache): Promise<void> {
  for (const [name, value] of Object.entries(await runner.state())) process.env[`STATE_${name}`] = value;
  await saveToCache(log, async () => service);
}

describe('the state directory on GitHub', () => {
  it('is carried by the cache from attempt to attempt, the newest one each time', async () => {
    expect(await mainStep(1, 'first')).toBe('nothing');
    await postStep();
    await newMachine();
    expect(await mainStep(2, 'second')).toBe('first');
    await postStep();
    await newMachine();
    expect(await mainStep(3, null)).toBe('second');
    expect(cache.entries.map(({ key }) => key.replace(/-[0-9a-f]{8}-/, '-LEG-'))).toEqual([
      'misalignment-gate-run-1a2b-LEG-7-1',
      'misalignment-gate-run-1a2b-LEG-7-2',
    ]);
    expect(notices).toEqual([]);
  });

  it('is each gate’s own where two judge the same candidate; one that has none yet takes the other’s', async () => {
    for (const step of ['one', 'two']) {
      await mainStep(1, `of ${step}`, cache, step);
      await postStep();
      await newMachine();
    }
    expect(await mainStep(2, null, cache, 'one')).toBe('of one');
    await newMachine();
    expect(await mainStep(2, null, cache, 'two')).toBe('of two');
    await newMachine();
    expect(await mainStep(2, null, cache, 'three')).toBe('of two');
  });

  it('is not overwritten on a machine that kept its own', async () => {
    await mainStep(1, 'from the cache');
    await postStep();
    await mainStep(1, 'newer, of this machine');
    expect(await mainStep(2, null)).toBe('newer, of this machine');
  });

  it('is done without where there is no cache', async () => {
    cache.available = false;
    expect(await mainStep(1, 'first')).toBe('nothing');
    await postStep();
    expect(cache.entries).toEqual([]);
  });

  it('whose cache is broken gives a notice, and no error', async () => {
    expect(await mainStep(1, 'first', BROKEN)).toBe('nothing');
    await postStep(BROKEN);
    expect(notices).toHaveLength(2);
    expect(notices.join()).toMatch(/could not be saved through GitHub's cache \(service unavailable\)/);
  });

  it('is not saved by a run that never came to it', async () => {
    await postStep(BROKEN);
    expect(notices).toEqual([]);
  });
});
