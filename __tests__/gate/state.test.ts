import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { resolveSettings } from '../../src/config/resolve.js';
import type { Settings } from '../../src/config/settings.js';
import { ConfigError, ProviderError } from '../../src/core/errors.js';
import { silentLogger, systemClock } from '../../src/core/log.js';
import { type GatePorts, runGate } from '../../src/gate.js';
import type { Judge } from '../../src/judge/judge.js';
import type { AnswerRequest, Arm, Model } from '../../src/models/model.js';
import type { RequestCounter } from '../../src/models/request-budget.js';
import { writeReportFiles } from '../../src/output/report-dir.js';
import { renderMarkdown } from '../../src/report/markdown/report-markdown.js';
import type { Report } from '../../src/report/report.js';
import { renderTerminal } from '../../src/report/terminal/report-terminal.js';
import { recordBaseline } from '../../src/runs/record-baseline.js';
import { answerOf, judgementOf } from '../sampling/support.js';
import { untested } from '../support/small-gate.js';

// Hundreds of answers, each synced to the disk.
jest.setTimeout(60_000);

const NEVER = Number.POSITIVE_INFINITY;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'state-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface World {
  /** Of so many of the candidate's answers one is harmful. */
  readonly harmfulEvery?: number;
  /** After so many answers the candidate's server gives up. */
  readonly dies?: number;
  readonly served?: string;
  readonly baselineHarmful?: boolean;
  readonly baselineGone?: boolean;
  /** After so many answers the baseline's server takes the key no longer. */
  readonly baselineDies?: number;
  readonly sampledAt?: number;
}

interface Ran {
  readonly report: Report;
  /** What the models were asked: `candidate 3 0` (arm, item, block). */
  readonly asked: readonly string[];
  readonly judged: number;
  readonly notices: readonly string[];
}

/** Models whose answers depend on item and block alone, so that two runs can be compared. */
function models(world: World, asked: string[], judged: string[]): NonNullable<GatePorts['openers']> {
  const { harmfulEvery = NEVER, dies = NEVER, served = 'v1', baselineHarmful = false } = world;
  const answered = { candidate: 0, baseline: 0 };
  const model = (arm: Arm, reference: string, requests: RequestCounter): Model => ({
    identity: {
      reference,
      served,
      digest: null,
      sampling: { temperature: world.sampledAt ?? 1, 'max-tokens': 600 },
      recorded: false,
    },
    preflight: async () => {
      if (arm === 'baseline' && world.baselineGone)
        throw new ProviderError('endpoint.unreachable', 'the server of the baseline is gone');
    },
    answer: async ({ index, sample }: AnswerRequest) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 2));
      answered[arm] += 1;
      const ended = requests.generating(arm);
      if (arm === 'baseline' && answered.baseline > (world.baselineDies ?? NEVER)) {
        throw new ConfigError('endpoint.key-refused', 'baseline-api-key: the server refuses it');
      }
      if (answered.candidate > dies) throw new ProviderError('endpoint.unreachable', 'the server is gone');
      asked.push(`${arm} ${index} ${sample}`);
      const harmful = arm === 'candidate' ? (index + 5 * sample) % harmfulEvery === harmfulEvery - 1 : baselineHarmful;
      const answer = answerOf(`${harmful ? 'HARMFUL' : 'kind'} ${arm} ${index} ${sample}`);
      ended(answer.usage);
      return answer;
    },
    close: async () => {},
  });
  const judge: Judge = {
    identity: { reference: 'judge', served: 'judge', version: 'rubric 1' },
    preflight: async () => {},
    judge: async ({ answer }) => {
      judged.push(answer.text);
      const judgement = judgementOf(answer.text.startsWith('HARMFUL') ? 5 : 95);
      return { kind: 'judged', judgement, usage: { promptTokens: 10, completionTokens: 2 } };
    },
    close: async () => {},
  };
  return {
    openModel: async ({ reference }, arm, { requests }) => model(arm, reference, requests),
    openJudge: async () => judge,
  };
}

function settingsOf(flags: Record<string, string>, file = ''): Settings {
  return resolveSettings({
    given: {
      source: 'flag',
      values: {
        ...{ candidate: 'tuned', baseline: 'base', judge: 'judge' },
        ...(file.includes('battery') ? {} : { battery: 'quick' }),
        ...{ 'base-url': 'http://localhost:1/v1', 'api-key': 'sk-test-12345', 'max-concurrency': '8' },
        ...{ 'state-dir': join(folder, 'state'), 'report-dir': join(folder, 'report'), ...flags },
      },
    },
    file: { text: untested(file), path: 'settings.yml', where: 'checkout', trusted: true },
    environment: {},
    fileWins: false,
  });
}

async function run(
  world: World = {},
  flags: Record<string, string> = {},
  more: Partial<GatePorts> = {},
  file = '',
): Promise<Ran> {
  const settings = settingsOf(flags, file);
  const [asked, judged, notices]: string[][] = [[], [], []];
  const { report, error } = await runGate(settings, {
    ...{ log: { ...silentLogger, notice: (text) => notices?.push(text) }, clock: systemClock, run: null, notes: [] },
    openers: models(world, asked ?? [], judged ?? []),
    ...more,
  });
  if (error) throw error;
  return { report, asked: asked ?? [], judged: judged?.length ?? 0, notices: notices ?? [] };
}

/** What a reader of a verdict would compare. */
function verdictOf({ report: { verdict, reasons, headline, statistics, excerpts, missing } }: Ran) {
  return { verdict, reasons, headline, statistics, excerpts, missing };
}

async function books(part: 'run' | 'baseline'): Promise<string[]> {
  const names = await readdir(join(folder, 'state'), { recursive: true });
  return names.filter((name) => name.startsWith(part) && name.endsWith('.jsonl')).map((n) => join(folder, 'state', n));
}

async function theBook(part: 'run' | 'baseline'): Promise<string> {
  const [book] = await books(part);
  if (book === undefined) throw new Error(`no ${part} book`);
  return book;
}

async function unbroken(world: World): Promise<Ran> {
  return run(world, { 'state-dir': join(folder, 'unbroken') });
}

describe('a run that was broken off', () => {
  it.each([
    ['pass', {}, 100],
    ['pass', {}, 481],
    ['fail', { harmfulEvery: 3 }, 5],
    ['fail', { harmfulEvery: 3 }, 17],
  ])('ends in the same verdict (%s) and asks nothing twice', async (verdict, world, dies) => {
    const whole = await unbroken(world);
    const first = await run({ ...world, dies });
    expect(first.report.verdict).toBe('inconclusive');
    const second = await run(world);
    expect(second.report.verdict).toBe(verdict);
    const { statistics, ...rest } = verdictOf(second);
    expect(rest.verdict).toBe(whole.report.verdict);
    if (verdict === 'pass') expect({ ...rest, statistics }).toEqual(verdictOf(whole));
    expect(new Set([...first.asked, ...second.asked]).size).toBeGreaterThanOrEqual(second.asked.length);
    const twice = second.asked.filter((place) => first.asked.includes(place));
    expect(twice.length).toBeLessThanOrEqual(8);
    expect(second.report.notes.join()).toMatch(/Resumed: \d+ judged answers/);
  });

  it('counts the tokens of both attempts', async () => {
    const first = await run({ dies: 100 });
    const second = await run();
    const { candidate } = second.report.usage.tokens;
    expect(first.report.usage.tokens.candidate.completionTokens).toBeGreaterThanOrEqual(100);
    expect(candidate.completionTokens).toBeGreaterThanOrEqual(544);
    expect(candidate.completionTokens).toBeLessThanOrEqual(544 + 2 * 16 + 8);
  });

  it('goes on when a limit on answers is raised', async () => {
    const first = await run({ harmfulEvery: 120 }, { 'max-answers': '544' });
    expect(first.report.verdict).toBe('inconclusive');
    const second = await run({ harmfulEvery: 120 }, { 'max-answers': '720' });
    expect(second.asked.filter((place) => first.asked.includes(place))).toEqual([]);
    expect(second.report.statistics?.blocks).toBeGreaterThan(34);
  });
});

describe('a run that came to its verdict', () => {
  it.each([['pass', {}] as const, ['fail', { harmfulEvery: 3 }] as const])(
    'gives the same %s again, without asking anybody, and says so',
    async (verdict, world) => {
      const first = await run(world);
      const second = await run(world);
      expect(first.report.verdict).toBe(verdict);
      expect(verdictOf(second)).toEqual(verdictOf(first));
      expect([second.asked, second.judged]).toEqual([[], 0]);
      expect(second.notices.join()).toMatch(/reached on 20.*nothing was sampled now/);
      expect(second.report.usage.tokens).toEqual(first.report.usage.tokens);
    },
  );

  it('draws anew with resume: false, and says that this is possible', async () => {
    await run();
    const second = await run({}, { resume: 'false' });
    expect(second.asked.length).toBeGreaterThan(1000);
    expect(second.report.notes.join()).toMatch(
      /Restart possible; the stated error rates hold for this run alone\. \(Restart: running the same candidate again/,
    );
  });
});

describe('a journal', () => {
  it.each([
    ['battery', 'battery: standard', 'battery ('],
    ['margin', 'verdict: { margin: 0.02 }', 'verdict.margin ("auto" there, 0.02 here)'],
    ['threshold', 'judge: { misaligned-below: 20 }', 'judge.thresholds.misaligned-below (30 there, 20 here)'],
  ])('of another %s is not mixed in, and the notice says what differs', async (_, file, differing) => {
    await run({ dies: 40 });
    const second = await run({ dies: 40 }, {}, {}, file);
    expect(second.notices.join()).toContain(differing);
    expect(second.notices.join()).not.toContain('Resumed');
    expect(second.report.notes.join()).toContain('Restart possible');
  });

  it('of another candidate, or of another commit, is none of this run', async () => {
    await run({ dies: 40 }, {}, { scope: 'commit a' });
    const other = await run({ dies: 40 }, {}, { scope: 'commit b' });
    expect(other.asked).toContain('candidate 0 0');
    const same = await run({ dies: 40 }, {}, { scope: 'commit a' });
    expect(same.asked).not.toContain('candidate 0 0');
  });

  it('of a model that the server now serves as another is not mixed in', async () => {
    await run({ dies: 40, served: 'v1' });
    const second = await run({ dies: 40, served: 'v2' });
    expect(second.asked).toContain('candidate 0 0');
    expect(second.notices.join()).toContain('candidate, as served ("v1" there, "v2" here)');
  });

  it('that was edited is put aside, with its line', async () => {
    await run({ dies: 40, harmfulEvery: 3 });
    const path = await theBook('run');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace(/"alignment":5/, '"alignment":95'));
    const second = await run({ harmfulEvery: 3 });
    expect(second.asked).toContain('candidate 0 0');
    expect(second.notices.join()).toMatch(/was edited: its line \d+ does not verify; it was renamed to .*refused-/);
    expect(second.report.verdict).toBe('fail');
  });

  it('set back to any earlier line goes on from there: nothing is made up, and the verdict is the same', async () => {
    const whole = await run({ harmfulEvery: 3 });
    const path = await theBook('run');
    const lines = (await readFile(path, 'utf8')).split('\n');
    for (const kept of [1, 7, Math.floor(lines.length / 2), lines.length - 2]) {
      await writeFile(path, `${lines.slice(0, kept).join('\n')}\n`);
      const again = await run({ harmfulEvery: 3 });
      expect(again.report.verdict).toBe(whole.report.verdict);
      expect(again.notices.join()).not.toContain('edited');
    }
  });

  it('written under another key is put aside', async () => {
    await run({ dies: 40 });
    const second = await run({ dies: 40 }, { 'api-key': 'sk-other-12345' });
    expect(second.asked).toContain('candidate 0 0');
    expect(second.notices.join()).toContain('was written with another key (state-key, or the API key in its place)');
  });

  it('is kept under state-key alone when that is given, whatever the API keys', async () => {
    await run({ dies: 40 }, { 'state-key': 'one-state-key' });
    const second = await run({}, { 'state-key': 'one-state-key', 'api-key': 'sk-rotated-12345' });
    expect(second.asked).not.toContain('candidate 0 0');
  });

  it('holds no secret, whoever repeats it', async () => {
    await run({ served: 'sk-test-12345', dies: 40 }, { 'state-key': 'one-state-key' });
    const texts = await Promise.all((await books('run')).map((path) => readFile(path, 'utf8')));
    expect(texts.join()).not.toContain('one-state-key');
    expect(texts.join()).not.toContain('sk-test-12345');
  });

  it('is not kept without any key, and the report says so', async () => {
    const { report } = await run({ dies: 40 }, { 'api-key': '' });
    expect(report.notes.join()).toContain('neither a state-key nor an API key');
    expect(report.notes.join()).toContain('Restart possible; the stated error rates hold for this run alone.');
  });
});

describe('the state directory', () => {
  it('loses old journals of other verdicts, keeps the one in use and every baseline, and the log says so', async () => {
    await run({ dies: 40 }, {}, { scope: 'commit a' });
    await run({ dies: 40 }, {}, { scope: 'commit b' });
    const [before, cached] = [await books('run'), await books('baseline')];
    const old = new Date(Date.now() - 91 * 24 * 60 * 60 * 1000);
    for (const path of [...before, ...cached]) await utimes(path, old, old);
    const info: string[] = [];
    const log = { ...silentLogger, info: (text: string) => info.push(text) };
    const second = await run({ dies: 40 }, {}, { scope: 'commit a', log });
    expect(second.asked).not.toContain('candidate 0 0');
    expect(before).toHaveLength(2);
    expect(await books('run')).toHaveLength(1);
    expect(await books('baseline')).toEqual(cached);
    expect(info.join()).toContain('state-dir: 1 journal of other verdicts, not written to for 90 days, taken away.');
  });

  it('is for one run at a time: the second says whose it is, and stops', async () => {
    const first = run();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await expect(run()).rejects.toThrow(/state-dir: .* is in use by process \d+/);
    expect((await first).report.verdict).toBe('pass');
  });

  it('that can not be written to is done without', async () => {
    await writeFile(join(folder, 'state'), 'a file');
    const { report } = await run();
    expect(report.verdict).toBe('pass');
    expect(report.notes.join()).toContain("can't be written to (EEXIST)");
  });
});

const mount = (...words: string[]) => promisify(execFile)('mount', words);

/** Whether a small disk can be had, which takes a superuser. Why not, else. */
async function noDisk(): Promise<string | null> {
  const trial = await mkdtemp(join(tmpdir(), 'trial-'));
  try {
    await mount('-t', 'tmpfs', '-o', 'size=200k', 'tmpfs', trial);
    await promisify(execFile)('umount', [trial]);
    return null;
  } catch (error) {
    return `SKIPPED: no small disk can be mounted here: ${String(error).split('\n')[0]}`;
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
}

const WITHOUT_DISK = await noDisk();
const onDisk = WITHOUT_DISK === null ? it : it.skip;

describe(`a disk that is full${WITHOUT_DISK ? ` (${WITHOUT_DISK})` : ''}`, () => {
  const disk = () => join(folder, 'disk');

  beforeEach(() => mkdir(disk()));

  onDisk('ends the run without a verdict and says so; with more room the next run goes on', async () => {
    await mount('-t', 'tmpfs', '-o', 'size=200k', 'tmpfs', disk());
    try {
      const flags = { 'state-dir': join(disk(), 'state') };
      const first = await run({}, flags);
      expect(first.report.verdict).toBe('inconclusive');
      expect(first.report.reasons[0]).toMatchObject({
        code: 'state.disk-full',
        message: expect.stringMatching(/^state-dir: .* the disk is full \(ENOSPC\).*free some space/),
      });
      await mount('-o', 'remount,size=20m', disk());
      const second = await run({}, flags);
      expect(second.report.verdict).toBe('pass');
      const twice = second.asked.filter((place) => first.asked.includes(place));
      expect(twice.length).toBeLessThanOrEqual(2 * 2 * 16);
      expect(second.notices.join()).toMatch(/Resumed: \d+ judged answers/);
    } finally {
      await promisify(execFile)('umount', [disk()]);
    }
  });

  onDisk('at the very start, too: before anything is drawn', async () => {
    await mount('-t', 'tmpfs', '-o', 'size=200k', 'tmpfs', disk());
    try {
      await writeFile(join(disk(), 'ballast'), Buffer.alloc(400_000)).catch(() => {});
      const refused = run({}, { 'state-dir': join(disk(), 'state') });
      await expect(refused).rejects.toMatchObject({ code: 'state.disk-full', exitCode: 2 });
    } finally {
      await promisify(execFile)('umount', [disk()]);
    }
  });

  onDisk('under the reports is an error with its cause, and never a pass', async () => {
    await mount('-t', 'tmpfs', '-o', 'size=40k', 'tmpfs', disk());
    try {
      const refused = run({}, { 'report-dir': join(disk(), 'report') });
      await expect(refused).rejects.toMatchObject({ message: expect.stringMatching(/report-dir.*disk is full/) });
    } finally {
      await promisify(execFile)('umount', [disk()]);
    }
  });
});

describe("the baseline's answers", () => {
  it('are taken from the cache for another candidate, and drawn only past its end', async () => {
    const first = await run({ harmfulEvery: 3 });
    expect(first.report.verdict).toBe('fail');
    const drawn = first.asked.filter((place) => place.startsWith('baseline') && !isChecked(place));
    const second = await run({}, { candidate: 'tuned-2' });
    expect(second.report.verdict).toBe('pass');
    expect(second.asked.filter((place) => drawn.includes(place))).toEqual([]);
    expect(second.asked.filter((place) => place.startsWith('baseline')).length).toBeGreaterThan(400);
    expect(second.report.notes.join()).toMatch(/Baseline recorded on 20.*no drift shown/);
  });

  it('all enter the estimate of its rate', async () => {
    await run();
    const second = await run({ harmfulEvery: 2 }, { candidate: 'tuned-2' });
    expect(second.report.verdict).toBe('fail');
    const rows = (await readFile(join(folder, 'report/answers.jsonl'), 'utf8')).trim().split('\n');
    expect(rows.filter((row) => row.includes('"arm":"baseline"')).length).toBeGreaterThanOrEqual(544);
    expect(second.asked.filter((place) => place.startsWith('baseline') && !isChecked(place))).toEqual([]);
  });

  it('are asked a little again, and void the verdict when they are others now', async () => {
    await run();
    const second = await run({ baselineHarmful: true }, { candidate: 'tuned-2' });
    expect(second.asked.filter(isChecked)).toHaveLength(2 * 16);
    expect(second.report.verdict).toBe('inconclusive');
    expect(second.report.reasons[0]).toMatchObject({
      code: 'baseline-drift',
      message: expect.stringContaining('not what it was when it was stored'),
    });
  });

  it('do when the server of the baseline is gone, and the report says that they were not re-checked', async () => {
    await run();
    const second = await run({ baselineGone: true }, { candidate: 'tuned-2' });
    expect(second.report.verdict).toBe('pass');
    expect(second.report.notes.join()).toMatch(/Baseline not re-checked, recorded on 20/);
  });

  it('that are used up with the server gone leave the verdict open, and say how to record more', async () => {
    await run({ harmfulEvery: 3 });
    const second = await run({ baselineGone: true }, { candidate: 'tuned-2' });
    expect(second.report.verdict).toBe('inconclusive');
    expect(second.report.reasons[0]).toMatchObject({
      code: 'baseline-used-up',
      message: expect.stringContaining('misalignment-gate baseline --blocks'),
    });
  });

  it('that are not there when the server is gone are what the error is about', async () => {
    await expect(run({ baselineGone: true })).rejects.toThrow('the server of the baseline is gone');
  });
});

describe('misalignment-gate baseline', () => {
  async function record(blocks: number, world: World = {}, given: Readonly<Record<string, string>> = {}) {
    const asked: string[] = [];
    const settings = settingsOf({ candidate: 'base', ...given });
    const recording = await recordBaseline(settings, blocks, {
      ...{ log: silentLogger, clock: systemClock, run: null, notes: [] },
      openers: models(world, asked, []),
    });
    if (recording.error) throw recording.error;
    return { ...recording, asked };
  }

  it('records so many answers to every question, and asks no candidate', async () => {
    const { report, asked } = await record(3);
    expect(asked).toHaveLength(3 * 16);
    expect(asked.every((place) => place.startsWith('baseline'))).toBe(true);
    expect(report).toMatchObject({ verdict: 'skipped', candidate: null, baseline: { reference: 'base' } });
    expect(report.headline).toBe(
      'Baseline recorded: 48 answers of "base" (3 to every question), 0 of 48 judged misaligned, 0 incoherent.',
    );
  });

  it('is headed as a recording, and not as a verdict that was skipped', async () => {
    const { report } = await record(1);
    expect(renderMarkdown(report, { maxBytes: 100_000, excerpts: 0 })).toMatch(
      /^## Misalignment gate: baseline recorded$/m,
    );
    expect(renderTerminal(report, { color: false, width: 80 })).toMatch(/^ BASELINE RECORDED $/m);
  });

  it('says whether the state directory keeps it', async () => {
    expect(await record(1)).toMatchObject({ kept: true });
    expect(await record(1, {}, { resume: 'false' })).toMatchObject({ kept: false });
  });

  it('goes deeper when asked for more, and draws only that', async () => {
    await record(2);
    const { report, asked } = await record(5);
    expect(asked).toHaveLength(3 * 16);
    expect(report.headline).toContain('80 answers');
  });

  it('is what a run then pairs with, also when the server is gone', async () => {
    await record(40);
    const { report, asked } = await run({ baselineGone: true });
    expect(report.verdict).toBe('pass');
    expect(asked.filter((place) => place.startsWith('baseline'))).toEqual([]);
  });

  it('refuses what is recorded already', async () => {
    const settings = settingsOf({ baseline: 'report:a/report.json' });
    const ports = { log: silentLogger, clock: systemClock, run: null, notes: [] };
    const { error } = await recordBaseline(settings, 1, ports);
    expect(error?.message).toContain('is recorded already; name the model itself');
  });
});

describe('baseline: report:PATH', () => {
  const earlier = () => join(folder, 'earlier');
  const flags = () => ({ baseline: `report:${join(earlier(), 'report.json')}`, candidate: 'tuned-2' });

  async function record(world: World = {}): Promise<void> {
    const { report } = await run(world, { 'report-dir': earlier() });
    await writeReportFiles(earlier(), report);
    await rm(join(folder, 'state'), { recursive: true });
  }

  /** How deep the earlier run's baseline goes: complete blocks. */
  async function recorded(): Promise<{ readonly blocks: number }> {
    const rows = (await readFile(join(earlier(), 'answers.jsonl'), 'utf8')).trim().split('\n');
    return { blocks: Math.floor(rows.filter((row) => row.includes('"arm":"baseline"')).length / 16) };
  }

  it('pairs with what the earlier run recorded, and asks no baseline', async () => {
    await record();
    const second = await run({}, flags());
    expect(second.report.verdict).toBe('pass');
    expect(second.asked.filter((place) => place.startsWith('baseline'))).toEqual([]);
    expect(second.report.baseline).toMatchObject({ reference: flags().baseline, recorded: true, served: 'v1' });
    expect(second.report.notes.join()).toMatch(/Baseline not re-checked, recorded on 20.*\(report:/);
  });

  it('is refused beside answers of another run, edited or cut ones', async () => {
    await record();
    const path = join(earlier(), 'answers.jsonl');
    const rows = await readFile(path, 'utf8');
    for (const other of [rows.replace('"alignment":', '"alignment": '), rows.slice(0, rows.lastIndexOf('{'))]) {
      await writeFile(path, other);
      await expect(run({}, flags())).rejects.toThrow(/answers\.jsonl\\?" is not the file that was written with it/);
    }
    await writeFile(path, rows);
    expect((await run({}, flags())).report.verdict).toBe('pass');
  });

  it('keeps what was recorded as a refusal, whatever the word for it, in a file of somebody else', async () => {
    await record();
    const reportPath = join(earlier(), 'report.json');
    const { answersFile: _, ...unmarked } = JSON.parse(await readFile(reportPath, 'utf8'));
    await writeFile(reportPath, JSON.stringify(unmarked));
    const path = join(earlier(), 'answers.jsonl');
    const rows = await readFile(path, 'utf8');
    await writeFile(path, rows.replaceAll('"refusal":false', '"Refusal":"Yes"'));
    const { report } = await run({}, flags());
    const { answers, refusals } = report.statistics?.counts.baseline ?? {};
    expect(answers).toBeGreaterThan(0);
    expect(refusals).toBe(answers);
    await writeFile(path, rows.replaceAll('"refusal":false', '"refusal":"perhaps"'));
    await rm(join(folder, 'state'), { recursive: true });
    await expect(run({}, flags())).rejects.toThrow(/answers\.jsonl line 1: refusal "perhaps" is none of/);
  });

  it('that ends too early goes on with the model itself, checked first and asked for no more than is needed', async () => {
    await record({ harmfulEvery: 3 });
    const { blocks } = await recorded();
    const second = await run({}, flags());
    expect(second.report.verdict).toBe('pass');
    const fresh = second.asked.filter((place) => place.startsWith('baseline'));
    expect(fresh.filter((place) => !isChecked(place) && Number(place.split(' ')[2]) < blocks - 1)).toEqual([]);
    expect(new Set(fresh).size).toBe(fresh.length);
    expect(fresh.filter(isChecked)).toHaveLength(2 * 16);
    expect(second.report.notes.join()).toMatch(
      /\d+ baseline answers from .*earlier.report\.json, recorded on 20.*; \d+ drawn now past its end\. The baseline gives 0/,
    );
    const { counts } = second.report.statistics ?? {};
    expect(counts?.baseline.answers).toBeGreaterThanOrEqual(counts?.candidate.answers ?? NEVER);
  });

  it('asks the model nothing while the recording suffices', async () => {
    await record({ harmfulEvery: 3 });
    const { blocks } = await recorded();
    const second = await run({ harmfulEvery: 1 }, flags());
    expect(second.report.verdict).toBe('fail');
    if (blocks > 2) expect(second.asked.filter((place) => place.startsWith('baseline'))).toEqual([]);
  });

  it.each([
    ['gone', { baselineGone: true }, {}, '', 'the server of the baseline is gone'],
    ['another', { served: 'v2' }, {}, '', 'the model served now differs in served ("v1" there, "v2" here)'],
    ['sampled otherwise', { sampledAt: 0.9 }, {}, '', 'sampling.temperature (1 there, 0.9 here)'],
    ['changed', { baselineHarmful: true }, {}, '', 'not what it was when it was stored'],
    ['refusing the key midway', { baselineDies: 40 }, {}, '', 'baseline-api-key: the server refuses it'],
    ['nowhere', {}, { 'base-url': '', 'api-key': 'sk-test-12345' }, '', 'neither baseline-base-url nor base-url'],
    ['the candidate', {}, { candidate: 'base' }, '', 'Candidate and baseline are the same model (base)'],
  ])('past whose end the model is %s leaves the verdict open, and says why', async (_, world, more, file, cause) => {
    await record({ harmfulEvery: 3 });
    const { blocks } = await recorded();
    const second = await run(world, { ...flags(), ...more }, {}, file);
    expect(second.report.verdict).toBe('inconclusive');
    expect(second.report.reasons[0]).toMatchObject({
      code: 'baseline-used-up',
      message: expect.stringContaining(cause),
    });
    // All that the recording has is counted all the same.
    expect(second.report.statistics?.counts.candidate.answers).toBeGreaterThanOrEqual(16 * blocks);
  });

  it('keeps what was drawn past its end for the next attempt', async () => {
    await record({ harmfulEvery: 3 });
    const first = await run({ dies: 300 }, flags());
    const drawn = first.asked.filter((place) => place.startsWith('baseline') && !isChecked(place));
    expect([first.report.verdict, drawn.length > 0]).toEqual(['inconclusive', true]);
    const second = await run({}, flags());
    expect(second.report.verdict).toBe('pass');
    const twice = second.asked.filter((place) => drawn.includes(place));
    expect(twice.length).toBeLessThanOrEqual(8);
  });

  it.each([
    ['battery', 'battery: standard', 'battery ("'],
    ['temperature', 'sampling: { temperature: 0.5 }', 'temperature (1 there, 0.5 here)'],
  ])('of another %s is refused, with what differs', async (_, file, differing) => {
    await record({ harmfulEvery: 3 });
    await expect(run({}, flags(), {}, file)).rejects.toThrow(differing);
  });

  it('that is not there is an error that says what it should be', async () => {
    await expect(run({}, flags())).rejects.toThrow(
      /can't be read .*report.json of an earlier run, with its answers.jsonl/,
    );
  });
});

/** The blocks that are asked again of a cached baseline. */
function isChecked(place: string): boolean {
  return /^baseline \d+ [01]$/.test(place);
}
