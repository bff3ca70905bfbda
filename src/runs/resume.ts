import { recheckBaseline } from '../baseline/drift-check.js';
import { ReportBaseline } from '../baseline/from-report.js';
import type { KnownError } from '../core/errors.js';
import { counted } from '../core/numbers.js';
import { redacted } from '../core/redact.js';
import type { Spending } from '../cost/spending.js';
import type { Plan } from '../sampling/plan.js';
import type { Sampled } from '../sampling/sampler.js';
import { type Memory, NO_MEMORY } from '../state/answer-store.js';
import { type OpenState, openState, type StatePorts, type StateRequest } from '../state/open-journals.js';
import type { KeptState } from '../state/run-journal.js';
import type { NoState, StateFolder } from '../state/state-dir.js';
import { blockLimit } from '../verdict/thresholds.js';
import type { GuardFinding } from '../verdict/verdict.js';
import { doubtOf } from './compose-report.js';
import { baselineBinding, runBinding, SAID_BY_BASELINE } from './journal-keys.js';
import { type RunFolderPorts, takeFolder } from './open-state-dir.js';

/** What outlives a run, for the gate. */
export interface RunState {
  readonly memory: Memory;
  /** Finds something out once for all attempts at a verdict. */
  once<T>(name: string, find: () => Promise<T>): Promise<T>;
  /** As `once`, and for later runs on the same baseline too, where it `lasts`. */
  onceFor<T>(name: string, about: string, find: () => Promise<T>, lasts: (found: T) => boolean): Promise<T>;
  /** Asks a baseline that comes from the cache a little again, where it can be reached. */
  recheck(signal: AbortSignal): Promise<readonly GuardFinding[]>;
  conclude(sampled: Sampled): Promise<void>;
  /** What the report has to say of it, once sampling is over. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

export interface RunStatePorts extends RunFolderPorts {
  readonly spending: Spending;
  readonly secrets: readonly string[];
}

/** Why a restart matters is said beside it: each one is another chance of a wrong pass. */
const RESTART =
  'Restart possible; the stated error rates hold for this run alone. (Restart: running the same candidate again begins from zero answers, so each further run is a further chance of a wrong verdict.)';

/** A run's state directory, taken before anything is asked. */
export interface RunFolder {
  /**
   * The journal of this verdict and the baseline's cache, once it is known who answers.
   * @param unreachable why the baseline can't be asked; null where it can
   * @throws ProviderError when the disk is full; `unreachable` when the baseline is not cached either
   */
  open(unreachable: KnownError | null): Promise<RunState>;
  close(): Promise<void>;
}

/**
 * Takes the state directory; for recordings, which can be read again, there is none.
 * @throws ConfigError when another run has it; ProviderError when the disk is full
 */
export async function takeRunFolder(plan: Plan, ports: RunStatePorts): Promise<RunFolder> {
  if (plan.recorded) return { open: async () => without([]), close: async () => {} };
  const { baseline } = plan.models;
  const { spending } = ports;
  const folder = await takeFolder(plan, 'verdict', ports);
  if (!('why' in folder) && folder.costs) spending.keep(folder.costs);
  let state: RunState | null = null;
  return {
    open: async (unreachable) => {
      state = await openRunState(folder, plan, ports, unreachable);
      return baseline instanceof ReportBaseline ? under(baseline, state, plan) : state;
    },
    close: async () => {
      await state?.close();
      if (!('why' in folder)) await folder.close(spending.ownUsd);
    },
  };
}

async function openRunState(
  folder: StateFolder | NoState,
  plan: Plan,
  ports: RunStatePorts,
  unreachable: KnownError | null,
): Promise<RunState> {
  const opened =
    'why' in folder ? folder : await openState(folder, requestOf(plan, ports, unreachable), statePorts(ports));
  if (!('why' in opened)) return keeping(opened, plan, ports, unreachable);
  if (unreachable) throw unreachable;
  const limited = plan.settings.maxCostUsd === null ? '' : ' So does max-cost-usd.';
  const note = `resume: no state is kept: ${opened.why}. ${RESTART}${limited}`;
  // Who switched it off needs no annotation about it.
  if (plan.settings.resume) ports.log.notice(note);
  return without([note]);
}

function under(baseline: ReportBaseline, own: RunState, plan: Plan): RunState {
  return {
    ...own,
    memory: baseline.under(own.memory, plan),
    get notes() {
      return [...own.notes, baseline.provenance];
    },
  };
}

/** The baseline's cache alone, for recording it. */
export async function openBaselineState(
  plan: Plan,
  ports: RunStatePorts,
): Promise<Pick<RunState, 'memory' | 'notes' | 'close'>> {
  const folder = await takeFolder(plan, 'recording', ports);
  if ('why' in folder) return without([`state-dir: nothing is kept in it: ${folder.why}.`]);
  const request = requestOf(plan, ports, null);
  const opened = await openState(
    folder,
    { ...request, bindings: { ...request.bindings, run: null } },
    statePorts(ports),
  );
  if ('why' in opened) {
    await folder.close(0);
    return without([`state-dir: nothing is kept in it: ${opened.why}.`]);
  }
  const { state, leftAside } = opened;
  const notes = leftAside.baseline
    ? [`state-dir: the baseline's cache there ${leftAside.baseline}. It is not used.`]
    : [];
  const close = async () => {
    await state.close();
    await folder.close(0);
  };
  return { memory: state, notes, close };
}

function statePorts({ clock, secrets, spending }: RunStatePorts): StatePorts {
  return { clock, clean: (value) => redacted(value, secrets), spent: () => spending.spent, now: () => clock.now() };
}

function without(notes: readonly string[]): RunState {
  return {
    ...{ memory: NO_MEMORY, notes },
    once: (_, find) => find(),
    onceFor: (_, __, find) => find(),
    recheck: async () => [],
    conclude: async () => {},
    close: async () => {},
  };
}

function keeping(
  opened: OpenState,
  plan: Plan,
  { clock, spending, log }: RunStatePorts,
  unreachable: KnownError | null,
): RunState {
  const { state } = opened;
  const { run, baseline } = state.books;
  if (run.spent) spending.resume(run.spent);
  const notes = [...notesOf(opened), ...doubtOf(spending)];
  for (const note of notes) log.notice(note);
  // Weights that are known by their digest don't change.
  const checkable =
    !unreachable && baseline !== run && !baseline.isNew && plan.models.baseline.identity.digest === null;
  let rechecked: GuardFinding | null = null;
  return {
    memory: state,
    once: (name, find) => state.once(name, find),
    onceFor: (...about) => state.onceFor(...about),
    recheck: async (signal) => {
      const stored = (block: number) => baseline.complete(block, plan.items.length);
      rechecked = await state.once('baseline-drift', async () =>
        checkable ? recheckBaseline(plan, stored, signal) : null,
      );
      return rechecked === null ? [] : [rechecked];
    },
    conclude: async ({ settled, decision }) => {
      const at = new Date(clock.now()).toISOString();
      if (!settled) return;
      // All that the verdict rests on is kept already: without this line the next run finds out anew that it suffices.
      await state.conclude({ at, verdict: decision.verdict, maxBlocks: maxBlocksOf(plan) }).catch((error: unknown) => {
        log.debug(String(error));
      });
    },
    get notes() {
      return [...notes, ...cacheNotes(state, rechecked)];
    },
    close: () => state.close(),
  };
}

function notesOf({ state, leftAside }: OpenState): string[] {
  const notes: string[] = [];
  if (leftAside.run) notes.push(`state-dir: the journal there ${leftAside.run}. It is not used. ${RESTART}`);
  if (leftAside.baseline) {
    notes.push(`state-dir: the baseline's cache there ${leftAside.baseline}. It is not used; answers are drawn anew.`);
  }
  const { end, startedAt, answersTakenOver } = state.books.run;
  if (end && state.isComplete) {
    notes.push(
      `This verdict was reached on ${end.at} by an earlier run, from the same ${counted(answersTakenOver, 'answer')}: nothing was sampled now. If the model behind the candidate's name is another one since, say so by candidate-digest; resume: false draws everything anew.`,
    );
  } else if (answersTakenOver > 0) {
    notes.push(
      `Resumed: ${counted(answersTakenOver, 'judged answer')} of an earlier attempt, begun on ${startedAt}, taken over.`,
    );
  }
  return notes;
}

function cacheNotes({ fromCache, books }: KeptState, rechecked: GuardFinding | null): string[] {
  if (fromCache === 0) return [];
  const { startedAt } = books.baseline;
  const from = `${fromCache} of its answers come from the cache in state-dir`;
  return rechecked === null
    ? [`Baseline not re-checked, recorded on ${startedAt}: ${from}.`]
    : [`Baseline recorded on ${startedAt}: ${from}. ${rechecked.message}`];
}

function requestOf(plan: Plan, { scope, secrets }: RunStatePorts, unreachable: KnownError | null): StateRequest {
  return {
    // Servers name themselves in it, and may repeat a key there as anywhere.
    bindings: redacted({ run: runBinding(plan, scope), baseline: baselineBinding(plan) }, secrets),
    unknown: unreachable ? SAID_BY_BASELINE : [],
    maxBlocks: maxBlocksOf(plan),
    items: plan.items.length,
  };
}

function maxBlocksOf({ items, engineConfig }: Plan): number {
  return blockLimit(items.length, engineConfig.settings, engineConfig.maxAnswers).blocks;
}
