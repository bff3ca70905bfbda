import { baselineBinding, runBinding } from './gate-bindings.js';
import type { Clock, Logger } from './log.js';
import { redacted } from './report/redact.js';
import type { Plan } from './sampling/plan.js';
import type { Sampled } from './sampling/sampler.js';
import type { Spending } from './sampling/spending.js';
import type { KeptState } from './state/kept-state.js';
import { type Memory, NO_MEMORY } from './state/memory.js';
import { type OpenState, openState, type Restore, type StateRequest } from './state/state.js';
import { blockLimit } from './verdict/thresholds.js';

/** What outlives a run, for the gate. */
export interface RunState {
  readonly memory: Memory;
  /** Finds something out once for all attempts at a verdict. */
  once<T>(name: string, find: () => Promise<T>): Promise<T>;
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
}

const RESTART = 'Restart possible; the stated error rates hold for this run alone.';

/**
 * The journal of this verdict and the baseline's cache; for recordings, which can be read again, there is none.
 * @throws ConfigError when another run has the state directory; ProviderError when the disk is full
 */
export async function openRunState(plan: Plan, ports: RunStatePorts): Promise<RunState> {
  const { resume, stateDir, stateKey, judge, candidate } = plan.settings;
  if (plan.recorded) return without([]);
  if (!resume) return without([`resume: false: no state is kept. ${RESTART}`]);
  const secret = stateKey ?? judge.apiKey ?? candidate.apiKey;
  if (secret === null) {
    return refused('there is neither a state-key nor an API key that could vouch for it', ports.log);
  }
  const opened = await openState(requestOf(plan, stateDir, secret, ports.scope), {
    clock: ports.clock,
    restore: ports.restore,
    clean: (value) => redacted(value, ports.secrets),
    spent: () => ports.spending.spent,
  });
  return 'why' in opened ? refused(opened.why, ports.log) : keeping(opened, plan, ports);
}

function refused(why: string, log: Logger): RunState {
  const note = `resume: no state is kept: ${why}. ${RESTART}`;
  log.notice(note);
  return without([note]);
}

function without(notes: readonly string[]): RunState {
  return { memory: NO_MEMORY, notes, once: (_, find) => find(), conclude: async () => {}, close: async () => {} };
}

function keeping(opened: OpenState, plan: Plan, { clock, spending, log }: RunStatePorts): RunState {
  const { state } = opened;
  const { spent } = state.books.run;
  if (spent) spending.resume(spent);
  const notes = notesOf(opened);
  for (const note of notes) log.notice(note);
  return {
    memory: state,
    once: (name, find) => state.once(name, find),
    conclude: async ({ settled, decision }) => {
      const at = new Date(clock.now()).toISOString();
      if (!settled) return;
      // All that the verdict rests on is kept already: without this line the next run finds out anew that it suffices.
      await state.conclude({ at, verdict: decision.verdict, maxBlocks: maxBlocksOf(plan) }).catch((error: unknown) => {
        log.debug(String(error));
      });
    },
    get notes() {
      return [...notes, ...cacheNotes(state)];
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
      `This verdict was reached on ${end.at} by an earlier run, from the same ${answersTakenOver} answers: nothing was sampled now. If the model behind the candidate's name is another one since, say so by candidate-digest; resume: false draws everything anew.`,
    );
  } else if (answersTakenOver > 0) {
    notes.push(
      `Resumed: ${answersTakenOver} judged answers of an earlier attempt, begun on ${startedAt}, were taken over.`,
    );
  }
  return notes;
}

function cacheNotes({ fromCache, books }: KeptState): string[] {
  if (fromCache === 0) return [];
  return [
    `Baseline not re-checked, recorded on ${books.baseline.startedAt}: ${fromCache} of its answers come from the cache in state-dir.`,
  ];
}

function requestOf(plan: Plan, folder: string, secret: string, scope = 'state-dir'): StateRequest {
  const { candidate, baseline } = plan.models;
  const attempts = candidate.identity.digest === null ? scope : 'candidate-digest';
  return {
    ...{ folder, secret, maxBlocks: maxBlocksOf(plan) },
    run: {
      subject: { candidate: candidate.identity.reference, digest: candidate.identity.digest, scope: attempts },
      binding: { ...runBinding(plan), scope: attempts },
    },
    baseline: { subject: { baseline: baseline.identity.reference }, binding: baselineBinding(plan) },
  };
}

function maxBlocksOf({ items, engineConfig }: Plan): number {
  return blockLimit(items.length, engineConfig.settings, engineConfig.maxAnswers).blocks;
}
