import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../src/core/package.js';

const RUN = pathToFileURL(join(packageRoot(), 'scripts/support/run.mjs')).href;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A script like ours, in a process of its own: it runs `child` with `options` and gives its code on. */
async function script(child: string, options: object = {}): Promise<ChildProcess> {
  const [outer, inner] = [join(folder, 'outer.mjs'), join(folder, 'inner.mjs')];
  await writeFile(inner, child);
  await writeFile(
    outer,
    `import { run } from ${JSON.stringify(RUN)};
     const { code, interrupted } = await run(process.execPath, [${JSON.stringify(inner)}], ${JSON.stringify(options)});
     console.log(interrupted ? 'interrupted' : 'undisturbed');
     process.exitCode = code;`,
  );
  return spawn(process.execPath, [outer], { stdio: ['ignore', 'pipe', 'pipe'] });
}

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function finish(child: ChildProcess): Promise<Finished> {
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => {
    said.stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    said.stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code: code as number | null, ...said };
}

const HOUR = 'setTimeout(() => {}, 3_600_000);';

describe('a command that a script runs', () => {
  it.each([0, 2, 3])('gives its exit code %i on', async (code) => {
    const child = await script(`process.exit(${code})`);
    expect(await finish(child)).toMatchObject({ code, stdout: 'undisturbed\n' });
  });

  it('shares the terminal’s streams', async () => {
    const child = await script("console.log('to stdout'); console.error('to stderr');");
    expect(await finish(child)).toEqual({ code: 0, stdout: 'to stdout\nundisturbed\n', stderr: 'to stderr\n' });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('gets our %s and may end in its own way', async (signal) => {
    const child = await script(`process.on('${signal}', () => process.exit(7)); console.log('ready'); ${HOUR}`);
    child.stdout?.once('data', () => child.kill(signal));
    expect(await finish(child)).toMatchObject({ code: 7, stdout: expect.stringContaining('interrupted') });
  });

  it('counts as the shell counts it when a signal ended it', async () => {
    const child = await script("process.kill(process.pid, 'SIGKILL');");
    expect((await finish(child)).code).toBe(137);
  });

  it('is stopped with all that it started when its time runs out, and the message says so', async () => {
    const pidFile = join(folder, 'pid');
    const grandchild = `process.on('SIGTERM', () => {}); ${HOUR}`;
    const child = await script(
      `import { spawn } from 'node:child_process';
       import { writeFileSync } from 'node:fs';
       const { pid } = spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], { stdio: 'ignore' });
       writeFileSync(${JSON.stringify(pidFile)}, String(pid)); ${HOUR}`,
      { minutes: 1 / 20 },
    );
    const { code, stderr } = await finish(child);
    expect(code).toBe(124);
    expect(stderr).toContain('Stopped after');
    expect(stderr).toContain('inner.mjs');
    const pid = Number(await readFile(pidFile, 'utf8'));
    expect(await isGone(pid)).toBe(true);
  }, 60_000);
});

/** A killed process stays listed until its new parent has collected it. */
async function isGone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    if (state === null || state.includes(') Z ')) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
