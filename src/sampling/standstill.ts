import type { Settings } from '../config/settings.js';
import type { Activity } from '../core/activity.js';
import { type KnownError, ProviderError } from '../core/errors.js';
import type { Clock } from '../core/log.js';
import { plural } from '../verdict/reason-wording.js';

/** How often is looked. */
const TICK_MS = 10_000;
/**
 * A tick that comes late counts as no more than two: a machine that slept, or a loop that was busy computing, stood still for
 * itself and not for want of anything to do.
 */
const LONGEST_TICK_MS = 2 * TICK_MS;

/** What is in nobody's books (a pause before a retry, the disk) takes seconds: minutes are far beyond it, and cost little. */
const LEAST_SPELL_MS = 5 * 60_000;

export interface StandstillPorts {
  readonly clock: Clock;
  /** Calls back again and again. @returns to stop it; default: an interval that keeps no process alive */
  readonly every?: (milliseconds: number, look: () => void) => () => void;
}

interface Entry {
  readonly what: string;
  /** In watched time. */
  readonly until: number;
}

/**
 * Sees a run that stands still: for a fixed spell nothing began, nothing ended, and nothing that was begun had its end still
 * ahead. A request has until its time limit, a wait until the end that was announced, a model in a process of its own for as
 * long as it takes: slow is not still. Time is counted tick by tick, so that no clock that jumps counts as a spell.
 */
export class Standstill implements Activity {
  readonly #open = new Set<Entry>();
  #time = 0;
  #quietSince = 0;
  #stirred = false;

  constructor(private readonly spellMs: number) {}

  begun(what: string, withinMs = 0): () => void {
    // What begins now may be as much as a late tick behind the time that is counted.
    const entry = { what, until: this.#time + LONGEST_TICK_MS + withinMs };
    this.#open.add(entry);
    this.#stirred = true;
    return () => {
      this.#open.delete(entry);
      this.#stirred = true;
    };
  }

  async during<T>(what: string, withinMs: number, work: () => Promise<T>): Promise<T> {
    const ended = this.begun(what, withinMs);
    try {
      return await work();
    } finally {
      ended();
    }
  }

  /** @param end told once, if ever. @returns to stop watching */
  watch(end: (because: KnownError) => void, { clock, every = quietInterval }: StandstillPorts): () => void {
    let last = clock.now();
    const stop = every(TICK_MS, () => {
      const now = clock.now();
      this.#time += Math.min(LONGEST_TICK_MS, Math.max(0, now - last));
      last = now;
      if (this.#stirred) this.#quietSince = this.#time;
      this.#stirred = false;
      if (this.#time - this.#awaitedUntil < this.spellMs) return;
      stop();
      end(this.#stalled());
    });
    return stop;
  }

  get #awaitedUntil(): number {
    let until = this.#quietSince;
    for (const entry of this.#open) until = Math.max(until, entry.until);
    return until;
  }

  #stalled(): ProviderError {
    const counts = new Map<string, number>();
    for (const { what } of this.#open) counts.set(what, (counts.get(what) ?? 0) + 1);
    const named = [...counts].map(([what, count]) => (count === 1 ? what : `${what} (${count})`));
    return new ProviderError(
      'run.stalled',
      `The run stood still: for ${plural(Math.round(this.spellMs / 60_000), 'minute')} nothing was sent, nothing came, and ` +
        `nothing was waited for that had its end ahead. Still under way: ${named.join(', ') || 'nothing'}. Unless a disk does not ` +
        'answer, this is a bug of misalignment-gate; please report it with this message. Running again may go further.',
    );
  }
}

function quietInterval(milliseconds: number, look: () => void): () => void {
  // A process that nothing else keeps alive has stood still already, and hears of it at once.
  const timer = setInterval(look, milliseconds).unref();
  return () => clearInterval(timer);
}

/**
 * For how long nothing may happen: twice what a reply may take, for a server that is worth so much patience makes everything
 * around it slow too.
 */
export function spellOf({ candidate, baseline, judge }: Pick<Settings, 'candidate' | 'baseline' | 'judge'>): number {
  const asked = [candidate, baseline, judge, ...(judge.confirm ? [judge.confirm] : [])];
  return Math.max(LEAST_SPELL_MS, ...asked.map(({ replyTimeout }) => 2000 * (replyTimeout?.seconds ?? 0)));
}
