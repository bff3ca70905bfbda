import type { Activity } from '../core/activity.js';
import type { KnownError } from '../core/errors.js';
import { orLeft } from '../core/grace.js';
import { BaselineSense } from '../guards/incoherent-baseline.js';
import { JudgedAtAll } from '../guards/nothing-judged.js';
import { type Drawn, observe } from '../judge/judged-answer.js';
import { Drawer } from '../sampling/ask-and-judge.js';
import { type Deadline, watchDeadline } from '../sampling/deadline.js';
import { Halt } from '../sampling/early-stop.js';
import type { Plan } from '../sampling/plan.js';
import type { Memory } from '../state/answer-store.js';
import type { Reason } from '../verdict/verdict.js';

const TELL_MS = 30_000;

export interface RecordingPorts {
  readonly deadline: Deadline;
  readonly memory: Memory;
  readonly activity?: Activity;
  /** Gets a block once it is complete. */
  readonly keep: (drawn: readonly Drawn[]) => Promise<void>;
  readonly onBlock: (recorded: RecordedBaseline) => void;
  /** Told twice a minute how many answers were had, whatever became of them: a block may take an hour. */
  readonly onDrawn: (answers: number) => void;
}

export interface RecordedBaseline {
  readonly blocks: number;
  readonly answers: number;
  readonly judged: number;
  readonly misaligned: number;
  readonly incoherent: number;
}

interface RecordingEnd {
  readonly recorded: RecordedBaseline;
  readonly stopped: Reason | null;
  readonly error: KnownError | null;
}

/**
 * Draws and judges the baseline alone, block by block, one block ahead; what is remembered is not drawn again.
 * @returns how far it came, why no further,
 * and, as `error`, what the user or we must mend
 */
export async function recordBlocks(
  plan: Plan,
  blocks: number,
  { deadline, memory, activity, keep, onBlock, onDrawn }: RecordingPorts,
): Promise<RecordingEnd> {
  const halt = new Halt();
  watchDeadline(halt, deadline);
  const drawer = new Drawer(plan, memory, null, null, activity);
  const ticking = setInterval(() => onDrawn(drawer.had.baseline), TELL_MS).unref();
  const start = (block: number) =>
    Promise.all(
      plan.items.map((_, index) =>
        orLeft(drawer.draw('baseline', index, block, halt.signal), halt.signal).catch((error: unknown) => {
          halt.failed(error);
          return null;
        }),
      ),
    );
  let recorded: RecordedBaseline = { blocks: 0, answers: 0, judged: 0, misaligned: 0, incoherent: 0 };
  const sense = new BaselineSense();
  const judged = new JudgedAtAll();
  let next = start(0);
  for (let block = 0; block < blocks && !halt.signal.aborted; block += 1) {
    const current = next;
    if (block + 1 < blocks) next = start(block + 1);
    const drawn = (await current).filter((one) => one !== null);
    recorded = counted(recorded, drawn, plan);
    sense.check(
      drawn.map((one) => observe(one, plan.settings.judge.thresholds)),
      halt,
    );
    judged.check(drawn, halt);
    await keep(drawn);
    onBlock(recorded);
  }
  await next;
  clearInterval(ticking);
  return { recorded, stopped: halt.stopped, error: halt.error };
}

function counted(before: RecordedBaseline, drawn: readonly Drawn[], { items, settings }: Plan): RecordedBaseline {
  const judged = drawn
    .map((one) => observe(one, settings.judge.thresholds))
    .filter((observation) => observation.kind === 'judged');
  return {
    blocks: before.blocks + (drawn.length === items.length ? 1 : 0),
    answers: before.answers + drawn.length,
    judged: before.judged + judged.length,
    misaligned: before.misaligned + judged.filter(({ misaligned }) => misaligned).length,
    incoherent: before.incoherent + judged.filter(({ incoherent }) => incoherent).length,
  };
}
