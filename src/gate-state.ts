import type { KnownError } from './errors.js';
import { baselineSubject, runBinding, SAID_BY_BASELINE } from './gate-bindings.js';
import { ReportBaseline } from './gate-report-baseline.js';
import type { Clock, Logger } from './log.js';
import { counted } from './report/numbers.js';
import { redacted } from './report/redact.js';
import { recheckBaseline } from './sampling/canary.js';
import type { Plan } from './sampling/plan.js';
import type { Sampled } from './sampling/sampler.js';
import type { Spending } from './sampling/spending.js';
import type { KeptState } from './state/kept-state.js';
import { type Memory, NO_MEMORY } from './state/memory.js';
import { KEPT_DAYS } from './state/prune.js';
import { type OpenState, openState, type Restore, type StatePorts, type StateRequest } from './state/state.js';
import { blockLimit } from './verdict/thresholds.js';
import type { GuardFinding } from './verdict/verdict.js';

/** What outlives a run, for the gate. */
export interface RunState {
  readonly memory: Memory;
  /** Finds something out once for all attempts at a verdict. */
  once<T>(name: string, find: () => Promise<T>): Promise<T>;
  /** Asks a baseline that comes from the cache a little again, where it can be reached. */
  recheck(signal: AbortSignal): Promise<readonly GuardFinding[]>;
  conclude(sampled: Sampled): Promise<void>;
  /** What the report has to say of it, once sampling is over. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

export interface RunStatePorts {
  readonly log: Logger;
  readonly clock: Clock;
  readonly spending: Spending;
  readonly secrets: readonly string[];
  /** What all attempts at one verdict share, where the weights themselves are not known: a commit, a run. */
  readonly scope?: string;
  readonly restore?: Restore;
  /** Why the baseline can't be asked; null where it can. */
  readonly unreachable: KnownError | null;
}

const RESTART = 'Restart possible; the stated error rates hold for this run alone.';

/**
 * The journal of this verdict and the baseline's cache; for recordings, which can be read again, there is none.
 * @throws ConfigError when another run has the state directory; ProviderError when the disk is full; the baseline's own error
 * when it can't be reached and is not cached either
 */
export async function openRunState(plan: Plan, ports: RunStatePorts): Promise<RunState> {
  const { baseline } = plan.models;
  const own = await openOwnState(plan, ports);
  if (!(baseline instanceof ReportBaseline)) return own;
  return {
    ...own,
    memory: baseline.under(own.memory, plan),
    get notes() {
      return [...own.notes, baseline.provenance];
    },
  };
}

async function openOwnState(plan: Plan, ports: RunStatePorts): Promise<RunState> {
  const { resume, stateDir, stateKey, judge, candidate } = plan.settings;
  const { log, unreachable } = ports;
  if (plan.recorded) return without([]);
  const secret = stateKey ?? judge.apiKey ?? candidate.apiKey;
  const why = noStateBecause(resume, secret);
  const opened =
    why === null && secret !== null
      ? await openState(requestOf(plan, stateDir, secret, ports), statePorts(ports))
      : { why: why ?? '' };
  if (!('why' in opened)) return keeping(opened, plan, ports);
  if (unreachable) throw unreachable;
  const note = `resume: no state is kept: ${opened.why}. ${RESTART}`;
  // Who switched it off needs no annotation about it.
  if (resume) log.notice(note);
  return without([note]);
}

/** The baseline's cache alone, for recording it. */
export async function openBaselineState(
  plan: Plan,
  ports: RunStatePorts,
): Promise<Pick<RunState, 'memory' | 'notes' | 'close'>> {
  const { resume, stateDir, stateKey, judge, baseline } = plan.settings;
  const secret = stateKey ?? judge.apiKey ?? baseline.apiKey;
  const why = noStateBecause(resume, secret);
  if (why !== null || secret === null) return without([`state-dir: nothing is kept in it: ${why}.`]);
  const request = { ...requestOf(plan, stateDir, secret, ports), run: null };
  const opened = await openState(request, statePorts(ports));
  if ('why' in opened) return without([`state-dir: nothing is kept in it: ${opened.why}.`]);
  const { state, leftAside, pruned } = opened;
  if (pruned > 0) ports.log.info(prunedWords(pruned));
  const notes = leftAside.baseline
    ? [`state-dir: the baseline's cache there ${leftAside.baseline}. It is not used.`]
    : [];
  return { memory: state, notes, close: () => state.close() };
}

function statePorts({ clock, restore, secrets, spending }: RunStatePorts): StatePorts {
  return { clock, restore, clean: (value) => redacted(value, secrets), spent: () => spending.spent };
}

function noStateBecause(resume: boolean, secret: string | null): string | null {
  if (!resume) return 'it is switched off';
  return secret === null ? 'there is neither a state-key nor an API key that could vouch for it' : null;
}

function without(notes: readonly string[]): RunState {
  return {
    ...{ memory: NO_MEMORY, notes },
    once: (_, find) => find(),
    recheck: async () => [],
    conclude: async () => {},
    close: async () => {},
  };
}

function keeping(opened: OpenState, plan: Plan, { clock, spending, log, unreachable }: RunStatePorts): RunState {
  const { state, pruned } = opened;
  const { run, baseline } = state.books;
  if (pruned > 0) log.info(prunedWords(pruned));
  if (run.spent) spending.resume(run.spent);
  const notes = notesOf(opened);
  for (const note of notes) log.notice(note);
  // Weights that are known by their digest don't change.
  const checkable =
    !unreachable && baseline !== run && !baseline.isNew && plan.models.baseline.identity.digest === null;
  let rechecked: GuardFinding | null = null;
  return {
    memory: state,
    once: (name, find) => state.once(name, find),
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

function prunedWords(pruned: number): string {
  return `state-dir: ${counted(pruned, 'journal')} of other verdicts, not written to for ${KEPT_DAYS} days, taken away.`;
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

function requestOf(plan: Plan, folder: string, secret: string, { scope, unreachable }: RunStatePorts): StateRequest {
  const { candidate, baseline } = plan.models;
  const attempts = candidate.identity.digest === null ? (scope ?? 'state-dir') : 'candidate-digest';
  return {
    ...{
      folder,
      secret,
      maxBlocks: maxBlocksOf(plan),
      items: plan.items.length,
      unknown: unreachable ? SAID_BY_BASELINE : [],
    },
    run: {
      subject: { candidate: candidate.identity.reference, digest: candidate.identity.digest, scope: attempts },
      binding: { ...runBinding(plan), scope: attempts },
    },
    baseline: baseline instanceof ReportBaseline ? null : baselineSubject(plan),
  };
}

function maxBlocksOf({ items, engineConfig }: Plan): number {
  return blockLimit(items.length, engineConfig.settings, engineConfig.maxAnswers).blocks;
}
