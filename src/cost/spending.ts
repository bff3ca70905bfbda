import type { Price } from '../config/settings.js';
import type { Clock } from '../core/log.js';
import type { TokenUsage } from '../models/model.js';
import type { Billing, MostTokens, RequestCounter, Role } from '../models/request-budget.js';
import type { Usage } from '../report/report.js';
import { Budget, type CostRecord } from './budget.js';
import { plus, RoleMeter } from './usage-meter.js';

/** USD a million tokens of each role; `free` where nothing is sent, null where the price is unknown. */
export type Tariff = Readonly<Record<Role, Price | 'free' | null>>;

const ROLES = ['candidate', 'baseline', 'judge', 'confirm'] as const satisfies readonly Role[];

export interface SpendingPorts {
  readonly clock: Clock;
  /** Null for no limit. */
  readonly maxCostUsd: number | null;
}

/** Requests, tokens and money of one run, and the limit that no request may go beyond. */
export class Spending implements RequestCounter {
  readonly #meters: Readonly<Record<Role, RoleMeter>>;
  readonly #budget: Budget;
  #earlierRequests = 0;

  constructor(tariff: Tariff, { clock, maxCostUsd }: SpendingPorts) {
    this.#meters = forEachRole((role) => new RoleMeter(tariff[role], clock));
    this.#budget = new Budget(maxCostUsd);
  }

  /** Takes over what earlier attempts at the same verdict have used: the limit on spend holds for all of them together. */
  resume({ requests, tokens }: Pick<Usage, 'requests' | 'tokens'>): void {
    this.#earlierRequests += requests;
    for (const role of ROLES) this.#meters[role].resumed(tokens[role]);
    this.#budget.resume(ROLES.reduce((sum, role) => sum + (this.#meters[role].costOf(tokens[role]) ?? 0), 0));
  }

  /** From now on what may be spent is written down before it is. */
  keep(record: CostRecord): void {
    this.#budget.keep(record);
  }

  /** USD that this attempt may have spent, whatever comes of what is in flight. */
  get ownUsd(): number {
    return this.#budget.ownUsd;
  }

  /** USD that earlier attempts may have spent and nobody counted. */
  get doubtfulUsd(): number {
    return this.#budget.doubtfulUsd;
  }

  sent(role: Role): void {
    this.#meters[role].sent();
  }

  async bill(role: Role, most: MostTokens, signal?: AbortSignal): Promise<Billing> {
    const meter = this.#meters[role];
    const mostUsd = meter.costOf(meter.most(most)) ?? 0;
    const settle = await this.#budget.reserve(mostUsd, signal);
    meter.begun();
    const end = (usd: number) => {
      meter.ended();
      settle(usd);
    };
    return {
      replied: (usage) => {
        meter.used(usage);
        meter.wentTo(usage, most);
        // What a server does not count may have been the most it can.
        end(meter.costOf(usage) ?? mostUsd);
      },
      refused: () => end(0),
      lost: () => {
        meter.lost();
        end(mostUsd);
      },
    };
  }

  reading(role: Role): (usage: TokenUsage | null) => void {
    this.#meters[role].onlyReads();
    return this.generating(role);
  }

  generating(role: Role): (usage: TokenUsage | null) => void {
    const meter = this.#meters[role];
    meter.begun();
    return (usage) => {
      meter.ended();
      if (usage !== null) meter.used(usage);
    };
  }

  /** USD; null while a price or a count is unknown. */
  get costUsd(): number | null {
    return ROLES.map((role) => this.#meters[role].costUsd).reduce(plus, 0);
  }

  /** For a later attempt. */
  get spent(): Pick<Usage, 'requests' | 'tokens'> {
    const { requests, tokens } = this.usage();
    return { requests, tokens };
  }

  usage(): Usage {
    const meters = ROLES.map((role) => this.#meters[role]);
    return {
      requests: meters.reduce((sum, { requests }) => sum + requests, this.#earlierRequests),
      uncounted: meters.reduce((sum, { uncounted }) => sum + uncounted, 0),
      tokens: forEachRole((role) => this.#meters[role].tokens),
      models: forEachRole((role) => {
        const { requests, costUsd, tokensPerSecond } = this.#meters[role];
        return { requests, costUsd, tokensPerSecond };
      }),
      costUsd: this.costUsd,
    };
  }
}

/** What a run that asked nobody took. */
export const NO_USAGE: Usage = new Spending(
  forEachRole(() => 'free'),
  { clock: { now: () => 0 }, maxCostUsd: null },
).usage();

function forEachRole<T>(make: (role: Role) => T): Readonly<Record<Role, T>> {
  const [candidate, baseline, judge, confirm] = [make('candidate'), make('baseline'), make('judge'), make('confirm')];
  return { candidate, baseline, judge, confirm };
}
