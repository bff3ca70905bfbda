import type { RootContent } from 'mdast';
import { count, counted } from '../core/numbers.js';
import { inertLine } from '../core/text.js';
import type { Fault } from '../models/served/failures/fault-counts.js';
import { type Cell, details, paragraph, table } from './markdown/mdast.js';
import { code } from './markdown/prose.js';
import type { Report } from './report.js';
import { columns } from './terminal/columns.js';
import type { Screen } from './terminal/screen.js';
import { wrap } from './terminal/width.js';

/** What happened between the gate and the servers, and what was done about it. */

interface FaultWords {
  readonly what: string;
  readonly policy: string;
}

const RETRIED = 'retried after a jittered pause; missing if it stays';

/** The stated policy of every fault. Nothing a filter or a model did is asked for again: the worst answers are the ones that get blocked. */
export const FAULT_WORDS: Readonly<Record<Fault, FaultWords>> = {
  'rate-limited': { what: 'rate limited (429)', policy: 'all callers slow down; waited out within timeout-minutes' },
  unavailable: { what: 'unavailable (503)', policy: `all callers slow down; ${RETRIED}` },
  'server-error': { what: 'server error (500, 502, 504 …)', policy: RETRIED },
  timeout: { what: 'no reply in time', policy: `all callers slow down; ${RETRIED}` },
  connection: { what: 'connection failed or cut', policy: RETRIED },
  'half-body': { what: 'reply broke off', policy: RETRIED },
  malformed: { what: 'reply was no chat completion', policy: RETRIED },
  stream: { what: 'reply was a stream that nobody asked for', policy: RETRIED },
  'no-choice': { what: 'reply without a choice', policy: RETRIED },
  refused: {
    what: 'request refused (4xx), while others were answered',
    policy: 'not retried; counted as missing; ends the run if it stays',
  },
  'filtered-prompt': { what: 'a filter blocked the prompt', policy: 'not retried; counted as missing' },
  'filtered-output': { what: 'a filter blocked the reply', policy: 'not retried; counted as missing' },
  'refusal-field': { what: 'refusal given apart', policy: 'not retried; its text is judged (of a judge: missing)' },
  cut: { what: 'cut at the token limit', policy: 'not retried; judged as it is, and counted' },
  'no-answer': { what: 'tokens used up before an answer', policy: 'not retried; counted as missing' },
  'invalid-utf8': { what: 'invalid UTF-8', policy: 'read with U+FFFD in its place' },
  'judge-declined': { what: 'the judge declined in words', policy: 'not retried; counted as missing' },
  'no-judgement': { what: 'no scores in what the judge said', policy: 'asked again twice; missing if it stays' },
};

/** Of a server's words so many characters are shown. */
const MAX_SAID = 300;

type Network = NonNullable<Report['network']>;

interface Line {
  readonly words: FaultWords;
  readonly counts: readonly string[];
  /** In the servers' own words: hostile text. */
  readonly said: readonly string[];
}

function linesOf({ faults }: Network): readonly Line[] {
  return faults.map(({ fault, seen, lost, said = [] }) => ({
    words: FAULT_WORDS[fault],
    said,
    counts: [seen.candidate, seen.baseline, seen.judge, lost].map((n) => count(n)),
  }));
}

/** What is worth saying of an endpoint's pace; nothing where it was never slowed down. */
function paces({ endpoints }: Network): readonly { readonly baseUrl: string; readonly said: string }[] {
  return endpoints
    .filter(({ ceiling, lowest, waitedSeconds, askedSeconds }) => lowest < ceiling || waitedSeconds > 0 || askedSeconds)
    .map(({ baseUrl, ceiling, lowest, waitedSeconds, askedSeconds, heldSeconds = 0 }) => ({
      baseUrl,
      said: `${ceiling} requests at once, down to ${lowest} at times; ${counted(waitedSeconds, 'second')} of waiting for its rate limit${
        askedSeconds === undefined
          ? ''
          : `; it asked for a wait of ${counted(askedSeconds, 'second')}, and was asked again after ${counted(heldSeconds, 'second')} (max-wait)`
      }`,
    }));
}

export function faultSection({ network }: Report): RootContent[] {
  if (network === null) return [];
  const slowed = paces(network).map(({ baseUrl, said }) => paragraph(code(baseUrl, 200), `: ${said}.`));
  const lines = linesOf(network);
  const rows = lines.map(({ words, counts }): Cell[] => [words.what, ...counts, words.policy]);
  const said = lines.flatMap(({ words, said: all }) =>
    all.map((one) => paragraph(`Lost (${words.what}), the server said: `, code(one, MAX_SAID))),
  );
  if (rows.length === 0 && slowed.length === 0) return [];
  const head = ['Seen', 'Candidate', 'Baseline', 'Judge', 'Lost', 'Policy'];
  return details('Faults of the servers', [
    ...(rows.length === 0 ? [] : [table('lrrrrl', head, rows)]),
    ...said,
    ...slowed,
  ]);
}

export function faultLines({ network }: Report, { width }: Screen): string[] {
  if (network === null) return [];
  const slowed = paces(network).flatMap(({ baseUrl, said }) => wrap(`  ${inertLine(baseUrl, 200)}: ${said}`, width));
  const lines = linesOf(network);
  const rows = lines.map(({ words, counts }) => [`  ${words.what}`, ...counts]);
  const said = lines.flatMap(({ words, said: all }) =>
    all.flatMap((one) => wrap(`  lost (${words.what}), the server said: ${inertLine(one, MAX_SAID)}`, width)),
  );
  if (rows.length === 0) return slowed;
  return [...columns('lrrrr', [['', 'candidate', 'baseline', 'judge', 'lost'], ...rows], width), ...said, ...slowed];
}
