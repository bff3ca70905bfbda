import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { permissionsFor } from '../../../../src/cli/commands/init/permissions.js';
import { KINDS } from '../../../../src/cli/init/kinds.js';
import { main } from '../../../../src/cli/main.js';
import { resolveSettings } from '../../../../src/config/resolve.js';
import { actionlint, HAS_ACTIONLINT } from '../../../support/actionlint.js';

const ACTION = `octo/misalignment-gate@${'0123456789'.repeat(4)}`;
const SETTINGS = '.github/misalignment-gate.yml';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'init-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function init(...words: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const terminal = { stdout, stderr, environment: {} } as unknown as Parameters<typeof main>[1];
  const exitCode = await main(['init', '--folder', folder, '--action', ACTION, ...words], terminal);
  return { exitCode, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}

const read = (path: string) => readFile(join(folder, path), 'utf8');

async function workflowOf(kind: string, ...words: readonly string[]): Promise<string> {
  expect(await init('--kind', kind, ...words)).toMatchObject({ exitCode: 0, err: '' });
  const [file = ''] = await readdir(join(folder, '.github/workflows'));
  return read(`.github/workflows/${file}`);
}

interface Workflow {
  readonly on: Record<string, { types?: string[] } | null>;
  readonly permissions: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly if?: string;
  readonly permissions: Record<string, string>;
  readonly steps: readonly {
    readonly id?: string;
    readonly name?: string;
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Record<string, unknown>;
  }[];
}

/** Each of these workflows has one. */
function jobOf({ jobs }: Workflow): Job {
  const [job] = Object.values(jobs);
  if (!job) throw new Error('no job');
  return job;
}

describe.each(KINDS)('init --kind %s', (kind) => {
  it('writes a workflow', async () => {
    expect(await workflowOf(kind)).toMatchSnapshot();
  });

  (HAS_ACTIONLINT ? it : it.skip)('that actionlint accepts', async () => {
    expect(actionlint(await workflowOf(kind))).toBe('');
  });

  it('pins every action by commit, gives nothing at the top, and is never skipped as a whole', async () => {
    const workflow: Workflow = parse(await workflowOf(kind));
    expect(workflow.permissions).toEqual({});
    expect(jobOf(workflow).if).toBeUndefined();
    const used = jobOf(workflow).steps.flatMap(({ uses }) => uses ?? []);
    expect(used.filter((one) => !/@[0-9a-f]{40}$/.test(one))).toEqual([]);
    const types = workflow.on.pull_request?.types;
    if ('pull_request' in workflow.on) {
      expect(types).toEqual(['opened', 'synchronize', 'reopened', 'edited', 'labeled', 'unlabeled']);
    }
  });

  it('hands nothing of a pull request to a shell', async () => {
    const workflow: Workflow = parse(await workflowOf(kind));
    expect(jobOf(workflow).steps.filter(({ run }) => run?.includes('${{'))).toEqual([]);
  });

  it('writes settings that the program accepts with the workflow’s inputs, and their schema for editors', async () => {
    const workflow: Workflow = parse(await workflowOf(kind));
    const text = await read(SETTINGS);
    expect(text).toMatch(
      /^# yaml-language-server: \$schema=https:\/\/\S+\/octo\/misalignment-gate\/0123456789\S+\/schemas\/config.schema.json\n/,
    );
    const inputs = Object.entries(jobOf(workflow).steps.find(({ id }) => id === 'gate')?.with ?? {});
    const values = Object.fromEntries(inputs.map(([name, value]) => [name, String(value)]));
    const settings = resolveSettings({
      given: { values, source: 'input' },
      file: { text, path: SETTINGS, where: 'checkout' },
      environment: {},
      fileWins: false,
    });
    expect(settings.notes).toEqual([]);
  });

  it('says what is left to do, and what no workflow can close', async () => {
    expect((await init('--kind', kind)).out).toMatchSnapshot();
  });
});

describe('init', () => {
  it('asks for exactly the permissions that the chosen features need', async () => {
    const workflow: Workflow = parse(
      await workflowOf('hosted', '--history-branch', 'trend', '--issue-on-failure', '--check-name', 'Gate'),
    );
    expect(jobOf(workflow).permissions).toEqual({
      contents: 'write',
      'pull-requests': 'write',
      actions: 'read',
      issues: 'write',
      checks: 'write',
    });
    expect(jobOf(workflow).steps.find(({ id }) => id === 'gate')?.with).toMatchObject({
      'history-branch': 'trend',
      'issue-on-failure': true,
      'check-name': 'Gate',
    });
    expect(permissionsFor(['settings'])).toMatchObject([{ scope: 'contents', access: 'read' }]);
  });

  it('takes models and servers into the settings, whatever characters they have', async () => {
    const model = 'ft:base: #1 "x" {{y}}';
    await workflowOf(
      'hosted',
      '--candidate',
      model,
      '--baseline',
      model,
      '--judge',
      'j',
      '--base-url',
      'https://m.example/v1',
    );
    expect(parse(await read(SETTINGS))).toMatchObject({
      candidate: model,
      baseline: model,
      judge: 'j',
      'base-url': 'https://m.example/v1',
    });
  });

  it('does not overwrite what is there without --force, and then writes nothing at all', async () => {
    await workflowOf('hosted');
    await writeFile(join(folder, SETTINGS), 'mine: true\n');
    const { exitCode, err } = await init('--kind', 'vllm');
    expect(exitCode).toBe(3);
    expect(err).toMatch(/misalignment-gate.yml.*already there, and nothing was written. --force/);
    expect(await read(SETTINGS)).toBe('mine: true\n');
    expect((await init('--kind', 'vllm', '--force')).exitCode).toBe(0);
    expect(await read(SETTINGS)).toContain('candidate:');
  });

  it('lets a second workflow go by the settings that are there', async () => {
    await workflowOf('hosted');
    await writeFile(join(folder, SETTINGS), 'mine: true\n');
    const { exitCode, out } = await init('--kind', 'schedule');
    expect(exitCode).toBe(0);
    expect(out).toContain(`Kept as it is: ${SETTINGS}`);
    expect(await read(SETTINGS)).toBe('mine: true\n');
    expect(await readdir(join(folder, '.github/workflows'))).toHaveLength(2);
  });

  it.each(['vllm', 'llama.cpp'])(
    'says what else a second workflow needs beside %s, which starts its server',
    async (kind) => {
      await workflowOf(kind);
      const { out } = await init('--kind', 'schedule');
      expect(out).toMatch(
        /weekly.yml starts no server, but the settings name one .*\(base-url: http:\/\/127.0.0.1:80[08]0\/v1\)/,
      );
      expect(out).toMatch(/Copy from .github\/workflows\/misalignment-gate.yml.*`runs-on`, the step "Start …"/);
      const workflow: Workflow = parse(await read('.github/workflows/misalignment-gate.yml'));
      expect(jobOf(workflow).steps.flatMap(({ name }) => name?.split(' ')[0] ?? [])).toEqual(['Start', 'Stop']);
    },
  );

  it.each([
    ['judge-base-url: http://localhost:9000/v1', true],
    ['models: { candidate: { base-url: "http://[::1]:9000/v1" } }', true],
    ['base-url: https://models.example.com/v1', false],
    ['base-url: http://localhost.example.com/v1', false],
  ])('knows a server of the job’s own machine: %s', async (line, local) => {
    await workflowOf('hosted');
    await writeFile(join(folder, SETTINGS), `${line}\n`);
    expect((await init('--kind', 'schedule')).out.includes('starts no server')).toBe(local);
  });

  it.each([
    ['baseline', true],
    ['schedule', false],
  ])('--kind %s beside llama.cpp: says whether the candidate’s adapter would be in the way', async (kind, said) => {
    await workflowOf('llama.cpp');
    expect((await init('--kind', kind)).out.includes('models.candidate in the settings would apply')).toBe(said);
  });

  it('names the baseline of the settings that are there', async () => {
    await workflowOf('hosted');
    await writeFile(join(folder, SETTINGS), 'baseline: ours\n');
    const { out } = await init('--kind', 'baseline');
    expect(out).not.toContain('BASE_MODEL');
    const workflow: Workflow = parse(await read('.github/workflows/misalignment-gate-baseline.yml'));
    expect(jobOf(workflow).steps.find(({ id }) => id === 'gate')?.with).toMatchObject({
      candidate: 'ours',
      baseline: 'ours',
    });
  });

  it.each([
    [['--candidate', 'support-v7'], 'support-v7', ''],
    [['--candidate', 'file:m.yaml#/name'], 'file:m.yaml#/name', 'Candidate: file:m.yaml#/name, as it stands on the'],
    [[], 'CANDIDATE_MODEL', 'CANDIDATE_MODEL: the name under which'],
  ])('--kind schedule names what is in use in the workflow: %j', async (words, candidate, said) => {
    const { out } = await init('--kind', 'schedule', ...words);
    const workflow: Workflow = parse(await read('.github/workflows/misalignment-gate-weekly.yml'));
    expect(jobOf(workflow).steps.find(({ id }) => id === 'gate')?.with).toMatchObject({ candidate });
    expect(out).toContain(said);
    expect(out).not.toContain('models/support.yaml');
  });

  it('--kind schedule beside other settings names their candidate, which it reads on the default branch', async () => {
    await workflowOf('hosted');
    const { out } = await init('--kind', 'schedule');
    const workflow: Workflow = parse(await read('.github/workflows/misalignment-gate-weekly.yml'));
    const candidate = 'file:models/support.yaml#/adapter';
    expect(jobOf(workflow).steps.find(({ id }) => id === 'gate')?.with).toMatchObject({ candidate });
    expect(out).toContain('  models/support.yaml#/adapter: ');
    expect(out).toContain(`Candidate: ${candidate}, as it stands on the default branch`);
  });

  it.each(KINDS)(
    '--kind %s speaks of a required check and of forks only where what it writes is about them',
    async (kind) => {
      const { out } = await init('--kind', kind);
      const [file = ''] = await readdir(join(folder, '.github/workflows'));
      const text = await read(`.github/workflows/${file}`);
      expect(out.includes('make the job `gate` a required check')).toBe('gate' in (parse(text) as Workflow).jobs);
      expect(out.includes('on pull requests the settings')).toBe(text.includes('pull_request:'));
      expect(out.includes('from forks')).toBe(text.includes('self-hosted'));
    },
  );

  it('--help lists every kind', async () => {
    expect((await init('--help')).out.replaceAll(/\s+/g, ' ')).toContain(`--kind <name> ${KINDS.join(', ')};`);
  });

  it.each([[[]], [['--kind', 'vlm']]])('without a known kind says what each is for: %j', async (words) => {
    const { exitCode, err } = await init(...words);
    expect(exitCode).toBe(3);
    for (const kind of KINDS) expect(err).toContain(`\n  ${kind}`);
  });

  it.each([
    [['--base-url', 'models.example.com'], /--base-url/],
    [['--base-url', 'ftp://models.example.com/v1'], /--base-url/],
    [['--judge-base-url', 'nonsense'], /--judge-base-url/],
    [['--judge-base-url', ''], /--judge-base-url/],
    [['--candidate', ''], /--candidate: empty/],
    [['--baseline', '  '], /--baseline: empty/],
    [['--judge', ''], /--judge: empty/],
    [['--candidate', 'file:models.yaml'], /is not of the form file:PATH#\/pointer/],
  ])('refuses what the first run would refuse: %j', async (words, says) => {
    const { exitCode, err } = await init('--kind', 'hosted', ...words);
    expect([exitCode, await readdir(folder)]).toEqual([3, []]);
    expect(err).toMatch(says);
  });

  it.each([
    ['file:configs/bot.yaml#/name', { FILE: 'configs/bot.yaml', KEY: 'name' }],
    ['support-v7', { ADAPTER: 'support-v7' }],
  ])('starts llama.cpp with the adapter that is proposed: %s', async (candidate, env) => {
    const workflow: Workflow = parse(await workflowOf('llama.cpp', '--candidate', candidate));
    expect(jobOf(workflow).steps[0]).toMatchObject({
      env,
      run: expect.stringContaining('--lora "/models/$ADAPTER.gguf"'),
    });
    expect(parse(await read(SETTINGS))).toMatchObject({ candidate });
  });

  it('lets Ollama write its key, and nothing among the models', async () => {
    const workflow = await workflowOf('ollama');
    expect(workflow).toContain(':/root/.ollama/models:ro');
    expect(workflow).not.toContain(':/root/.ollama:');
    expect(workflow).toContain('--env OLLAMA_NOPRUNE=1');
  });

  it('says where it can not write', async () => {
    await writeFile(join(folder, '.github'), 'a file');
    const { exitCode, err } = await init('--kind', 'hosted');
    expect(exitCode).toBe(3);
    expect(err).toMatch(/can't be written \(\w+\); --folder/);
  });
});
