import { randomBytes } from 'node:crypto';
import type { Battery } from '../battery/battery.js';
import { hashItems } from '../battery/hash.js';
import type { Settings } from '../config/settings.js';
import { readUtf8File } from '../core/files.js';
import { VERSION } from '../core/package.js';
import type { Arm } from '../models/model.js';
import { openReplay, type Replay } from '../models/recorded/recorded-model.js';
import { repeatedRows } from '../models/recorded/repeated-rows.js';
import { recordingOrder } from '../models/recorded/row-order.js';
import { voucherOf } from '../state/secret.js';
import type { GuardFinding } from '../verdict/verdict.js';

/** What a run with recordings has besides. */
export interface Recorded {
  /** How many answers of every shared question both recordings hold. */
  readonly blocks: number;
  /**
   * In which order the rows are read. `none`: the scores are recorded too, so all rows are free and are used at once. Else a judge
   * is paid for each, and the order hangs on something that whoever writes the files doesn't know.
   */
  readonly order: 'none' | 'secret' | 'random';
  /** All there are, those of questions that were dropped included. */
  readonly rows: Readonly<Record<Arm, number>>;
  readonly findings: readonly GuardFinding[];
  /** How many long answers repeat another word for word. */
  readonly repeats: Readonly<Record<Arm, { readonly long: number; readonly repeated: number }>>;
}

/** Questions named in a message; the rest is counted. */
const NAMED = 5;

export interface ReplayPorts {
  readonly readText: (path: string) => Promise<string>;
  /** Stands in for a secret. */
  readonly random?: () => Uint8Array;
}

/** Recorded answers bring their own battery: the questions that both recordings share. */
export async function planReplay(settings: Settings, { readText, random = () => randomBytes(32) }: ReplayPorts) {
  const { candidate, baseline, judge } = settings;
  const source = ({ reference, digest }: Settings['candidate']) => ({
    reference,
    digest,
    path: reference.replace(/^replay:/, ''),
  });
  const scored = judge.reference === 'recorded' && judge.confirm === null;
  const secret = scored ? null : secretOf(settings);
  const replay = await openReplay(
    { candidate: source(candidate), baseline: source(baseline) },
    {
      scoresNeeded: judge.reference === 'recorded',
      anyRange: judge.scale === '0-100',
      ...(scored ? {} : { order: recordingOrder(secret ?? random()) }),
      // The candidate's recording is what is proposed; the baseline's is part of the gate, and read where its settings are.
      readText: (path, arm) => (arm === 'baseline' ? readText(path) : readUtf8File(path)),
    },
  );
  const battery: Battery = { name: 'replay', version: VERSION, hash: hashItems(replay.items), items: replay.items };
  const recorded: Recorded = {
    blocks: replay.blocks,
    order: scored ? 'none' : secret === null ? 'random' : 'secret',
    rows: replay.rows,
    findings: [...droppedFindings(replay), ...oneRecordingFindings(replay, candidate.reference)],
    repeats: { candidate: repeatedRows(replay.candidate), baseline: repeatedRows(replay.baseline) },
  };
  return { battery, models: replay.models, recorded };
}

/** As for the state directory: what a pull request doesn't know. */
function secretOf({ stateKey, judge, candidate }: Settings): string | null {
  const voucher = voucherOf(stateKey, [judge.apiKey, candidate.apiKey]);
  return 'secret' in voucher ? voucher.secret : null;
}

function oneRecordingFindings({ isOneRecording }: Replay, reference: string): GuardFinding[] {
  if (!isOneRecording) return [];
  const message = `Candidate and baseline are the same rows of one file (${reference}), which has no column arm: they can't differ. Name the baseline's own recording, unless the gate itself is tested.`;
  return [{ code: 'same-model', effect: 'warning', tripped: true, message }];
}

function droppedFindings({ dropped }: Replay): GuardFinding[] {
  if (dropped.length === 0) return [];
  const named = dropped.slice(0, NAMED).map(({ name, why }) => `${name} (${why})`);
  const more = dropped.length > NAMED ? ` and ${dropped.length - NAMED} more` : '';
  const message = `${dropped.length} recorded questions can't be compared: ${named.join(', ')}${more}.`;
  return [{ code: 'questions-dropped', effect: 'no-pass', tripped: true, message }];
}
