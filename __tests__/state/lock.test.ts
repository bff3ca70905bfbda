import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { packageRoot } from '../../src/core/package.js';
import { lockFolder } from '../../src/state/lock.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const lock = () => lockFolder(folder, () => {});

/** As a process that was killed leaves it. */
async function leave(owner: { pid: number; host: string }): Promise<void> {
  await mkdir(join(folder, 'lock'));
  await writeFile(join(folder, 'owner.json'), JSON.stringify({ ...owner, since: '2026-01-01T00:00:00.000Z' }));
}

async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--eval', '0'], { stdio: 'ignore' });
  await once(child, 'close');
  return child.pid ?? 0;
}

/** A program that takes the lock once it is told to, says what came of it, and ends when told so. */
async function contender(): Promise<string> {
  const source = `
    import { build } from 'esbuild';
import { packageRoot } from '../../src/paths.js';
import { lockFolder } from ${JSON.stringify(join(packageRoot(), 'src/state/lock.ts'))};
    let lock;
    const take = () => lockFolder(${JSON.stringify(folder)}, () => {}).then((taken) => { lock = taken; return 'taken'; }, ({ code }) => code);
    process.stdin.once('data', async () => {
      process.stdout.write(await take());
      process.stdin.once('data', async () => { await lock?.release(); process.exit(0); });
    });
    process.stdout.write('ready');`;
  const outfile = join(folder, 'contender.mjs');
  await build({
    stdin: { contents: source, resolveDir: packageRoot(), loader: 'ts' },
    ...{ outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'silent' },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return outfile;
}

/** What each of so many came to, all told at once. */
async function contend(program: string, processes: number): Promise<string[]> {
  const children = Array.from({ length: processes }, () =>
    spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  const said = () => Promise.all(children.map(async ({ stdout }) => String((await once(stdout, 'data'))[0])));
  const tell = () => {
    for (const { stdin } of children) stdin.write('\n');
  };
  await said();
  const outcomes = said();
  tell();
  const came = await outcomes;
  const closed = children.map((child) => once(child, 'close'));
  tell();
  await Promise.all(closed);
  return came;
}

describe('the lock on a state directory', () => {
  it('keeps a second run out and says who has it and since when', async () => {
    const held = await lock();
    const { since } = JSON.parse(await readFile(join(folder, 'owner.json'), 'utf8'));
    await expect(lock()).rejects.toMatchObject({
      exitCode: 3,
      code: 'config.state-dir-in-use',
      message: expect.stringContaining(`in use by process ${process.pid} on ${hostname()}, since ${since}`),
    });
    await held.release();
  });

  it('can be taken again once it was given back', async () => {
    await (await lock()).release();
    await (await lock()).release();
  });

  it('of a process that has died is taken over at once', async () => {
    await leave({ pid: await deadProcess(), host: hostname() });
    await (await lock()).release();
  });

  it('of a process that has died is taken over by one of many processes that want it at the same moment', async () => {
    const program = await contender();
    for (let round = 0; round < 4; round += 1) {
      await leave({ pid: await deadProcess(), host: hostname() });
      const outcomes = await contend(program, 4);
      expect(outcomes.sort()).toEqual([...Array(3).fill('config.state-dir-in-use'), 'taken']);
    }
  }, 60_000);

  it('of a machine that we know nothing of is respected while it is fresh', async () => {
    await leave({ pid: 1, host: 'elsewhere' });
    await expect(lock()).rejects.toThrow('process 1 on elsewhere');
  });

  it('that nobody renewed for a minute is taken over, whoever had it', async () => {
    await leave({ pid: 1, host: 'elsewhere' });
    const aMinuteAgo = new Date(Date.now() - 60_000);
    await utimes(join(folder, 'lock'), aMinuteAgo, aMinuteAgo);
    await (await lock()).release();
  });
});
