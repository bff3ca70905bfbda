/** One run of the gate for each fault, each on a server of its own. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveSettings } from '../../src/config/resolve.js';
import { silentLogger, systemClock } from '../../src/core/log.js';
import { type GatePorts, runGate } from '../../src/gate.js';
import { openLlmJudge } from '../../src/judge/llm/llm-judge.js';
import { openServed } from '../../src/models/served/served-model.js';
import type { Report } from '../../src/report/report.js';
import { startMock } from '../support/mock.mjs';
import { printTable } from '../support/table.js';
import { SPOILS, startProxy } from './proxy.js';

/** A reply that does not come within two seconds is a hang: the gate itself waits for two minutes. */
const LIMITS = { timeoutSeconds: 2, maxRetries: 8, firstPauseMs: 150 };

interface Row {
  readonly fault: string;
  /** The mock's own faults, as it takes them. */
  readonly mock?: string;
  /** A fault of the proxy, and the share of all replies that it befalls. */
  readonly proxy?: number;
  /** Whether the verdict and the counts must be those of the undisturbed run; a policy outcome must not end in a pass. */
  readonly must: 'same' | 'no pass';
  readonly candidate?: 'harmless' | 'harmful';
}

const MIXED = '429=0.05,500=0.02,reset=0.02,badjson=0.01';
const ROWS: readonly Row[] = [
  { fault: 'none', must: 'same' },
  ...['429', '500', 'reset', 'badjson'].map((fault) => ({ fault, mock: `${fault}=0.1`, must: 'same' }) as const),
  { fault: 'mixed', mock: MIXED, must: 'same' },
  ...['502', '503', '504', 'half-body', 'web-page', 'stream', 'no-choice', 'gzip'].map(
    (fault) => ({ fault, proxy: 0.1, must: 'same' }) as const,
  ),
  { fault: 'hang', mock: 'hang=0.02', must: 'same' },
  { fault: 'none', must: 'same', candidate: 'harmful' },
  { fault: 'mixed', mock: MIXED, must: 'same', candidate: 'harmful' },
  { fault: '503', proxy: 0.1, must: 'same', candidate: 'harmful' },
  ...['filtered-prompt', 'filtered-output', 'refusal-field'].map(
    (fault) => ({ fault, proxy: 0.1, must: 'no pass' }) as const,
  ),
  ...['empty', 'refuse'].map((fault) => ({ fault, mock: `${fault}=0.1`, must: 'no pass' }) as const),
];

interface Result {
  readonly verdict: Report['verdict'];
  /** What the verdict rests on: misaligned, judged and missing of candidate and baseline. */
  readonly counts: string;
  readonly seen: number;
  readonly lost: number;
  readonly twice: number;
  readonly seconds: number;
}

/** @returns the exit code: 1 where a fault changed what it must not */
export async function run({ only }: { readonly only: string }): Promise<number> {
  const undisturbed = new Map<Row['candidate'], Result>();
  const lines: string[][] = [];
  let broken = false;
  for (const row of ROWS.filter(({ fault }) => only === '' || fault === only || fault === 'none')) {
    const result = await resultOf(row);
    const reference = undisturbed.get(row.candidate) ?? result;
    undisturbed.set(row.candidate, reference);
    const ok = isAsItMust(row, result, reference);
    broken ||= !ok;
    lines.push(lineOf(row, result, reference, ok));
  }
  const header = ['fault', 'share', 'seen', 'lost', 'twice', 'wall', 'candidate', 'verdict', 'same', 'counts', ''];
  printTable(header, lines);
  return broken ? 1 : 0;
}

function isAsItMust({ must, candidate }: Row, result: Result, reference: Result): boolean {
  if (result.twice > 0) return false;
  if (must === 'no pass') return result.verdict !== 'pass';
  // A fail stops as soon as it is sure, in the middle of a block: which answers are in by then is a matter of pace.
  const sameCounts = candidate === 'harmful' || result.counts === reference.counts;
  return result.lost === 0 && result.verdict === reference.verdict && sameCounts;
}

function lineOf({ fault, mock, proxy, candidate = 'harmless' }: Row, result: Result, reference: Result, ok: boolean) {
  const { seen, lost, twice, seconds, verdict, counts } = result;
  const share = mock?.includes(',') ? '10 % in all' : `${Number(mock?.split('=')[1] ?? proxy ?? 0) * 100} %`;
  return [
    ...[fault, share, String(seen), String(lost), String(twice), `${seconds.toFixed(1)} s`, candidate, verdict],
    ...[verdict === reference.verdict ? 'yes' : 'no', counts, ok ? '' : 'NOT AS IT MUST BE'],
  ];
}

async function resultOf({ fault, mock = '', proxy = 0, candidate }: Row): Promise<Result> {
  const server = await startMock({ faults: mock, misaligned: candidate ? 'candidate=0.3,*=0' : '0' });
  const before = await startProxy(server.url, SPOILS[fault] ?? null, proxy);
  const folder = await mkdtemp(join(tmpdir(), 'faults-'));
  const start = performance.now();
  try {
    const { report, error } = await runGate(settingsFor(before.url, folder), ports());
    if (error) throw error;
    return { ...(await read(report, folder)), seconds: (performance.now() - start) / 1000 };
  } finally {
    await before.stop();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function settingsFor(url: string, folder: string) {
  return resolveSettings({
    given: {
      source: 'flag',
      values: {
        ...{ candidate: 'candidate-model', baseline: 'base-model', judge: 'judge-model', battery: 'quick' },
        ...{ 'base-url': url, 'api-key': 'sk-bench-12345', 'expect-same-model': 'true', resume: 'false' },
        ...{ 'state-dir': join(folder, 'state'), 'report-dir': join(folder, 'report') },
      },
    },
    // The mock's judge knows its mark alone.
    file: { text: 'judge: { self-check: false, untested: accept }', path: 'bench', where: 'built in', trusted: true },
    environment: {},
    fileWins: false,
  });
}

function ports(): GatePorts {
  return {
    ...{ log: silentLogger, clock: systemClock, run: null, notes: [] },
    openers: {
      openModel: async (settings, arm, given) => openServed(settings.reference, settings, arm, given, LIMITS),
      openJudge: async (settings, given) => openLlmJudge(settings.reference, settings, given, LIMITS),
    },
  };
}

async function read({ verdict, statistics, network }: Report, folder: string): Promise<Omit<Result, 'seconds'>> {
  const rows = (await readFile(join(folder, 'report', 'answers.jsonl'), 'utf8')).trimEnd().split('\n');
  const places = rows.map((row) => {
    const { arm, question_id, variant, sample } = JSON.parse(row);
    return [arm, question_id, variant, sample].join(' ');
  });
  // Answers that the mock cuts at their limit are no trouble.
  const faults = (network?.faults ?? []).filter(({ fault }) => fault !== 'cut');
  const { candidate, baseline } = statistics?.counts ?? {};
  const counts = [candidate, baseline].map((arm) => `${arm?.misaligned}/${arm?.judged}/${arm?.missing}`).join(' ');
  return {
    ...{ verdict, counts, twice: places.length - new Set(places).size },
    seen: faults.flatMap(({ seen }) => Object.values(seen)).reduce((sum, count) => sum + count, 0),
    lost: faults.reduce((sum, fault) => sum + fault.lost, 0),
  };
}
