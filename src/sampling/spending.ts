import type { Price } from '../config/settings.js';
import type { TokenUsage } from '../models/model.js';
import type { RequestCounter, Role } from '../models/ports.js';
import type { Usage } from '../report/report.js';

/** USD a million tokens of each role; `free` where nothing is sent, null where the price is unknown. */
export type Tariff = Readonly<Record<Role, Price | 'free' | null>>;

const ROLES = ['candidate', 'baseline', 'judge', 'confirm'] as const satisfies readonly Role[];

/** Requests, tokens and money of one run. */
export class Spending implements RequestCounter {
  #requests = 0;
  readonly #tokens: Record<Role, TokenUsage> = {
    candidate: { promptTokens: 0, completionTokens: 0 },
    baseline: { promptTokens: 0, completionTokens: 0 },
    judge: { promptTokens: 0, completionTokens: 0 },
    confirm: { promptTokens: 0, completionTokens: 0 },
  };

  constructor(private readonly tariff: Tariff) {}

  /** Takes over what earlier attempts at the same verdict have used. */
  resume({ requests, tokens }: Pick<Usage, 'requests' | 'tokens'>): void {
    this.#requests += requests;
    for (const role of ROLES) this.used(role, tokens[role]);
  }

  sent(_role: Role): void {
    this.#requests += 1;
  }

  /** Once a server leaves out its counts, the role's sum is unknown. */
  used(role: Role, { promptTokens, completionTokens }: TokenUsage): void {
    const sum = this.#tokens[role];
    this.#tokens[role] = {
      promptTokens: plus(sum.promptTokens, promptTokens),
      completionTokens: plus(sum.completionTokens, completionTokens),
    };
  }

  /** USD; null while a price or a count is unknown. */
  get costUsd(): number | null {
    return ROLES.map((role) => this.#costOf(role)).reduce(plus, 0);
  }

  usage(): Usage {
    return { requests: this.#requests, tokens: { ...this.#tokens }, costUsd: this.costUsd };
  }

  #costOf(role: Role): number | null {
    const price = this.tariff[role];
    if (price === 'free') return 0;
    const { promptTokens, completionTokens } = this.#tokens[role];
    if (price === null || promptTokens === null || completionTokens === null) return null;
    return (promptTokens * price.input + completionTokens * price.output) / 1e6;
  }
}

function plus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
