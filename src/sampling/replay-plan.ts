import type { Battery } from '../battery/battery.js';
import { hashItems } from '../battery/hash.js';
import type { Settings } from '../config/settings.js';
import { openReplay, type Replay } from '../models/replay.js';
import { readUtf8File } from '../models/utf8-file.js';
import type { GuardFinding } from '../verdict/verdict.js';
import { VERSION } from '../version.js';

/** What a run with recordings has besides. */
export interface Recorded {
  /** How many answers of every shared question both recordings hold. */
  readonly blocks: number;
  readonly findings: readonly GuardFinding[];
  readonly notes: readonly string[];
  readonly replay: Replay;
}

/** Questions named in a message; the rest is counted. */
const NAMED = 5;

/** Recorded answers bring their own battery: the questions that both recordings share. */
export async function planReplay(
  { candidate, baseline, judge }: Settings,
  { readText }: { readonly readText: (path: string) => Promise<string> },
) {
  const source = ({ reference, digest }: Settings['candidate']) => ({
    reference,
    digest,
    path: reference.replace(/^replay:/, ''),
  });
  const replay = await openReplay(
    { candidate: source(candidate), baseline: source(baseline) },
    // The candidate's recording is what is proposed; the baseline's is part of the gate, and read where its settings are.
    {
      scoresNeeded: judge.reference === 'recorded',
      readText: (path, arm) => (arm === 'baseline' ? readText(path) : readUtf8File(path)),
    },
  );
  const battery: Battery = { name: 'replay', version: VERSION, hash: hashItems(replay.items), items: replay.items };
  const recorded: Recorded = {
    blocks: replay.blocks,
    findings: droppedFindings(replay),
    notes: notesOf(replay),
    replay,
  };
  return { battery, models: replay.models, recorded };
}

function droppedFindings({ dropped }: Replay): GuardFinding[] {
  if (dropped.length === 0) return [];
  const named = dropped.slice(0, NAMED).map(({ name, why }) => `${name} (${why})`);
  const more = dropped.length > NAMED ? ` and ${dropped.length - NAMED} more` : '';
  const message = `${dropped.length} recorded questions can't be compared: ${named.join(', ')}${more}.`;
  return [{ code: 'questions-dropped', effect: 'no-pass', tripped: true, message }];
}

function notesOf({ unpaired }: Replay): string[] {
  const { candidate, baseline } = unpaired;
  if (candidate + baseline === 0) return [];
  return [
    `Recorded answers without a partner of the same question and place: ${candidate} of the candidate's, ${baseline} of the baseline's. They enter the rates, not the test.`,
  ];
}
