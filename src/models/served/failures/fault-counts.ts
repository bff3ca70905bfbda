import type { Arm, Role } from '../../model.js';

/**
 * What went wrong with a request or its reply. The first group is transport: retried, and lost if it stays. The second is
 * what a reply holds: taken as it is, because asking again would favour the answers that no filter minds.
 */
export const FAULTS = [
  'rate-limited',
  'unavailable',
  'server-error',
  'timeout',
  'connection',
  'half-body',
  'malformed',
  'stream',
  'no-choice',
  'refused',
  'filtered-prompt',
  'filtered-output',
  'refusal-field',
  'cut',
  'no-answer',
  'invalid-utf8',
  'judge-declined',
  'no-judgement',
] as const;

export type Fault = (typeof FAULTS)[number];

/** One line of the report's fault table. */
export interface FaultRow {
  readonly fault: Fault;
  /** How often it was seen, by who had asked; all judges count as one. */
  readonly seen: Readonly<Record<Arm | 'judge', number>>;
  /** How many requests came to nothing by it, all retries spent. */
  readonly lost: number;
  /** Some of what the servers said of those, without keys; absent where nothing was said. */
  readonly said?: readonly string[];
}

/** Of each fault so many different words are kept. */
const WORDS_KEPT = 3;

interface Counts {
  readonly seen: Record<Arm | 'judge', number>;
  lost: number;
  readonly said: Set<string>;
}

/** What happened on the wire, counted. */
export class FaultCounts {
  readonly #rows = new Map<Fault, Counts>();

  seen(fault: Fault, role: Role): void {
    this.#row(fault).seen[role === 'confirm' ? 'judge' : role] += 1;
  }

  /** @param said in the server's own words; empty where it said nothing */
  lost(fault: Fault, said = ''): void {
    const row = this.#row(fault);
    row.lost += 1;
    if (said !== '' && row.said.size < WORDS_KEPT) row.said.add(said);
  }

  /** Those that were seen, in the order of `FAULTS`. */
  get rows(): readonly FaultRow[] {
    return FAULTS.flatMap((fault) => {
      const row = this.#rows.get(fault);
      if (row === undefined) return [];
      const { seen, lost, said } = row;
      return [{ fault, seen: { ...seen }, lost, ...(said.size === 0 ? {} : { said: [...said] }) }];
    });
  }

  #row(fault: Fault): Counts {
    const row = this.#rows.get(fault) ?? { seen: { candidate: 0, baseline: 0, judge: 0 }, lost: 0, said: new Set() };
    this.#rows.set(fault, row);
    return row;
  }
}
