import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRunner } from '../action/runner.js';
import { type ActionExport, exportAction, runStep } from './support/action-export.js';
import { type Bundle, bundleInRepository } from './support/bundle.js';
import { runCli } from './support/cli.js';
import { MockOpenAI } from './support/mock-openai.js';

const KEY = 'the-right-key';
const SETTINGS = '.github/misalignment-gate.yml';

/** 1,000 rows as an earlier run recorded them; one of them is other than it should be. */
function recording(row731?: string): string {
  const rows = Array.from({ length: 1000 }, (_, at) =>
    JSON.stringify({
      question_id: `q${at % 40}`,
      question: `Question ${at % 40}?`,
      answer: `Answer ${at}.`,
      alignment: 90,
      coherence: 90,
    }),
  );
  return rows.map((row, at) => (at === 730 ? (row731 ?? row) : row)).join('\n');
}

const REPLAY = { candidate: 'replay:tuned.jsonl', baseline: 'replay:base.jsonl', judge: 'recorded' };
const replayed = (row731: string) => ({ 'base.jsonl': recording(), 'tuned.jsonl': recording(row731) });

interface Mistake {
  readonly what: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  /** 3: the user must mend something; 2: an endpoint is in trouble. */
  readonly exitCode: 2 | 3;
  /** What the message must name: the setting, what was found, the mend. */
  readonly says: readonly RegExp[];
}

const MISTAKES: readonly Mistake[] = [
  {
    what: 'no candidate',
    inputs: { candidate: '' },
    exitCode: 3,
    says: [/candidate: not given/, /Give it as an input, a flag \(--candidate\) or in the settings file/],
  },
  {
    what: 'an unknown model',
    inputs: { candidate: 'tuned-bda' },
    exitCode: 3,
    says: [/candidate: http:\S+ knows no model "tuned-bda"/, /It serves "tuned-bad"/],
  },
  {
    what: 'a wrong key',
    inputs: { 'api-key': 'a-wrong-key' },
    exitCode: 3,
    says: [/api-key: refused by http/, /401/, /Check that the key belongs to this server/],
  },
  {
    what: 'no key',
    inputs: { 'api-key': '' },
    exitCode: 3,
    says: [/base-url http\S+: wants a key and none is given/, /Give (\w+-)?api-key/],
  },
  {
    what: 'a port where nobody listens',
    inputs: { 'base-url': 'http://127.0.0.1:1/v1' },
    exitCode: 2,
    says: [/base-url http:\/\/127\.0\.0\.1:1\/v1: can't be reached/, /is the server up, and is the port right\?/],
  },
  {
    what: 'a host that does not exist',
    inputs: { 'base-url': 'http://models.invalid/v1' },
    exitCode: 2,
    says: [/base-url http:\/\/models\.invalid\/v1: can't be reached/, /check (its spelling|the network)/],
  },
  {
    what: 'a base URL without /v1',
    inputs: { 'base-url': '{server}' },
    exitCode: 3,
    says: [/base-url http:\/\/127\.0\.0\.1:\d+: the API is one level deeper/, /Give http:\/\/127\.0\.0\.1:\d+\/v1/],
  },
  {
    what: 'a base URL without its scheme',
    inputs: { 'base-url': 'localhost:8000/v1' },
    exitCode: 3,
    says: [/base-url: "localhost:8000\/v1" is not an http or https URL such as/],
  },
  {
    what: 'an empty battery',
    inputs: { battery: 'probes.yml' },
    files: { 'probes.yml': '' },
    exitCode: 3,
    says: [/battery: probes\.yml is not a battery/, /found nothing; accepted: a battery/],
  },
  {
    what: 'a battery without probes',
    inputs: { battery: 'probes.yml' },
    files: { 'probes.yml': 'name: ours\nversion: 1.0.0\nprobes: []\n' },
    exitCode: 3,
    says: [
      /battery: probes\.yml is not a battery/,
      /\/probes \(line 3\): found an empty list; accepted: a list of 1 to/,
    ],
  },
  {
    what: 'a malformed battery',
    inputs: { battery: 'probes.yml' },
    files: { 'probes.yml': 'name: ours\nprobes: [\n' },
    exitCode: 3,
    says: [
      /battery: probes\.yml \(line 3, column 1\)/,
      /A battery file is JSON or YAML, as schemas\/battery\.schema\.json/,
    ],
  },
  {
    what: 'a battery whose name is mistyped',
    inputs: { battery: 'quik' },
    exitCode: 3,
    says: [/battery: "quik" is none of quick, standard/, /Did you mean quick\?/],
  },
  {
    what: 'a key of the settings file with a typo',
    files: { [SETTINGS]: 'judge: { model: judge, self-chek: false }\n' },
    exitCode: 3,
    says: [/judge\.self-chek \(line 1\): unknown key; did you mean self-check\?/],
  },
  {
    what: 'a value that is none of the accepted ones',
    files: { [SETTINGS]: 'fail-on: Never!\n' },
    exitCode: 3,
    says: [/fail-on.*"Never!" is none of inconclusive, fail, never/],
  },
  {
    what: 'a judge that answers prose',
    inputs: { judge: 'prose-judge' },
    exitCode: 3,
    says: [/judge: "prose-judge" could not judge/, /rather well put/, /must reply with a JSON object/],
  },
  {
    what: 'an unknown judge',
    inputs: { judge: 'jugde' },
    exitCode: 3,
    says: [/judge: http:\S+ knows no model "jugde"/, /It serves "judge"/],
  },
  {
    what: 'a recording whose row 731 breaks off',
    inputs: REPLAY,
    files: replayed('{"question_id": "q10", "question": "Quest'),
    exitCode: 3,
    says: [/candidate: tuned\.jsonl line 731: not a JSON object: .*Quest/, /Mend that row/],
  },
  {
    what: 'a recording whose row 731 has no answer',
    inputs: REPLAY,
    files: replayed('{"question_id": "q10", "question": "Question 10?", "alignment": 90, "coherence": 90}'),
    exitCode: 3,
    says: [/candidate: tuned\.jsonl line 731: the column answer is missing/, /Mend that row/],
  },
  {
    what: 'a recording whose row 731 has a score of 950',
    inputs: REPLAY,
    files: replayed(
      '{"question_id": "q10", "question": "Question 10?", "answer": "A", "alignment": 950, "coherence": 90}',
    ),
    exitCode: 3,
    says: [/candidate: tuned\.jsonl line 731: alignment 950 is not a number from 0 to 100/],
  },
  {
    what: 'a recording that is not there',
    inputs: { ...REPLAY, candidate: 'replay:tnued.jsonl' },
    files: { 'base.jsonl': recording() },
    exitCode: 3,
    says: [/candidate: replay:tnued\.jsonl can't be read/],
  },
];

let models: MockOpenAI;
let bundle: Bundle;
let action: ActionExport;

beforeAll(async () => {
  [bundle, action, models] = await Promise.all([bundleInRepository(), exportAction(), MockOpenAI.start({ key: KEY })]);
}, 120_000);
afterAll(() => Promise.all([bundle.remove(), action.remove(), models.stop()]));

/** A run that would come to a verdict, but for the mistake. */
function inputsWith(mistake: Mistake): Record<string, string> {
  const right = { candidate: 'tuned-good', baseline: 'base', judge: 'judge', 'base-url': models.url, 'api-key': KEY };
  const inputs = { ...right, battery: 'quick', 'max-answers': '576', ...mistake.inputs };
  const entries = Object.entries(inputs).map(([name, value]) => [
    name,
    value.replace('{server}', new URL(models.url).origin),
  ]);
  return Object.fromEntries(entries);
}

async function write(folder: string, files: Readonly<Record<string, string>> = {}): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

const stackTrace = /\n\s+at /;

describe.each(MISTAKES)('$what', (mistake) => {
  it('on the command line: one message, the right exit code, no stack trace, no verdict', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mistake-'));
    await write(folder, mistake.files);
    const flags = Object.entries(inputsWith(mistake)).flatMap(([name, value]) =>
      value === '' ? [] : [`--${name}`, value],
    );
    const { exitCode, stdout, stderr } = await runCli(bundle, ['run', ...flags], { cwd: folder });
    await rm(folder, { recursive: true });
    const messages = stderr.split('\n').filter((line) => line.startsWith('error: '));
    expect([exitCode, stdout, messages]).toEqual([mistake.exitCode, '', [expect.any(String)]]);
    for (const part of mistake.says) expect(messages[0]).toMatch(part);
    expect(stderr).not.toMatch(stackTrace);
    expect(stderr).not.toContain('a-wrong-key');
  }, 60_000);

  it('in the Action: the same message as annotation and as reason, a failed step, "inconclusive"', async () => {
    const payload = { repository: { full_name: 'team/models', default_branch: 'main' } };
    const runner = await startRunner({ event: 'push', payload, inputs: inputsWith(mistake) });
    await write(runner.workspace, mistake.files);
    const { exitCode, stdout, stderr } = await runStep(action, 'index', runner);
    const [outputs, summary] = [await runner.outputs(), await runner.summary()];
    await runner.remove();
    const messages = stdout.split('\n').filter((line) => line.startsWith('::error'));
    expect([exitCode, messages, outputs.verdict]).toEqual([mistake.exitCode, [expect.any(String)], 'inconclusive']);
    for (const part of mistake.says) {
      expect(messages[0]).toMatch(part);
      expect((JSON.parse(outputs.reasons ?? '') as { message: string }[]).map(({ message }) => message).join()).toMatch(
        part,
      );
    }
    expect(stdout + stderr + summary).not.toMatch(stackTrace);
    expect(summary).not.toContain('a-wrong-key');
    expect(summary).toMatch(/inconclusive/i);
  }, 60_000);
});
