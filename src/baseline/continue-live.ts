import { isServed } from '../config/sections/endpoints.js';
import type { ModelSettings } from '../config/settings.js';
import { ConfigError, isKnownError, ProviderError } from '../core/errors.js';
import { sameModel } from '../guards/same-model.js';
import { keepAlike, lookAlike } from '../guards/sampled-alike.js';
import type { AnswerOutcome, AnswerRequest, Model, ModelIdentity } from '../models/model.js';
import { BASELINE_USED_UP, baselineUsedUp } from '../sampling/exhausted.js';
import type { Plan } from '../sampling/plan.js';
import { type Binding, differences } from '../state/journal-key.js';
import { recheckBaseline, type StoredBlock } from './drift-check.js';

/** What a report holds of its baseline. */
export interface Recorded {
  /** The baseline as it was then. */
  readonly identity: ModelIdentity;
  /** `report:PATH` */
  readonly reference: string;
  /** Complete blocks. */
  readonly blocks: number;
  readonly stored: StoredBlock;
}

/** Opens the model itself, under its own name. */
export type OpenLive = (settings: ModelSettings) => Promise<Model>;

/**
 * The model that a report's baseline was, for what goes past the recording's end. It is opened when the first such answer is
 * needed, and asked only where it is shown to be what was recorded: answers of another model could hide the candidate's harm.
 * Whatever stands against it ends the baseline, not the run: what is counted until then stands.
 */
export class PastEnd {
  #opening: Promise<Model> | null = null;
  #over: ProviderError | null = null;
  #rechecked: string | null = null;
  #live: Model | null = null;

  constructor(
    private readonly plan: Plan,
    private readonly recorded: Recorded,
    private readonly open: OpenLive,
  ) {}

  /** Why the model can't even be tried; null where it can. */
  get whyNot(): string | null {
    const { baseline, maxCostUsd } = this.plan.settings;
    const { reference, recorded } = this.recorded.identity;
    if (recorded || !isServed(reference))
      return `it was recorded of ${JSON.stringify(reference)}, which no server gives`;
    if (baseline.baseUrl === null) return 'neither baseline-base-url nor base-url says where it is served';
    if (maxCostUsd !== null) return 'max-cost-usd is given, and a recorded baseline has no price';
    return null;
  }

  /** How many blocks there can be; null where the model may give more than the recording has. */
  get blockLimit(): number | null {
    return this.whyNot === null ? null : this.recorded.blocks;
  }

  /** What came of comparing the model with what is stored of it; null while it was not asked. */
  get rechecked(): string | null {
    return this.#rechecked;
  }

  get notes(): readonly string[] {
    return this.#live?.notes ?? [];
  }

  /** @throws ProviderError `baseline-used-up` when there is nothing more to be had of it */
  async answer(request: AnswerRequest): Promise<AnswerOutcome> {
    if (this.#over) throw this.#over;
    const signal = request.signal ?? new AbortController().signal;
    try {
      this.#opening ??= this.#openChecked(signal);
      const model = await this.#opening;
      const given = await model.answer(request);
      this.#refuseAnother(model, given);
      return given;
    } catch (error) {
      throw signal.aborted ? error : this.#end(error);
    }
  }

  async close(): Promise<void> {
    await this.#live?.close();
  }

  async #openChecked(signal: AbortSignal): Promise<Model> {
    const { settings, models } = this.plan;
    const live = { ...settings.baseline, reference: this.recorded.identity.reference };
    const model = await this.open(live);
    this.#live = model;
    const arms = { ...models, baseline: model };
    await model.preflight(signal);
    keepAlike(arms);
    this.#refuseAnother(model, null);
    if (!settings.expectSameModel) {
      const alike = [...sameModel({ ...settings, baseline: live }), ...(await lookAlike(arms, signal)).findings];
      refuse(alike.find(({ tripped }) => tripped)?.message);
    }
    const asked = { ...this.plan, models: { ...models, baseline: model } };
    const drift = await recheckBaseline(asked, this.recorded.stored, signal);
    refuse(drift === null ? 'too little of it is recorded to tell whether it still is the same' : undefined);
    refuse(drift?.tripped ? drift.message : undefined);
    this.#rechecked = drift?.message ?? null;
    return model;
  }

  /** @throws ConfigError naming what differs from the recording */
  #refuseAnother({ identity, wire }: Model, given: AnswerOutcome | null): void {
    const there = this.recorded.identity;
    const named = given?.kind === 'answer' ? given.servedModel : null;
    const served = named ?? identity.served;
    const differing = differences(
      partsOf(there, there.served, there.fingerprint ?? null),
      partsOf(identity, served, fingerprintAmong(there, identity)),
    );
    refuse(differing.length === 0 ? undefined : `the model served now differs in ${differing.join(', ')}`);
    // A server that lays adapters over it unasked gives another model under the same name.
    refuse(
      wire?.openAdapters.length ? 'its server has adapters now, and models.baseline chooses none of them' : undefined,
    );
  }

  #end(error: unknown): unknown {
    if (!isKnownError(error) || error.exitCode === 4) return error;
    const { reference, blocks } = this.recorded;
    const { message } = baselineUsedUp(reference, blocks, error.message);
    this.#over ??= new ProviderError(BASELINE_USED_UP, message, { cause: error });
    return this.#over;
  }
}

function refuse(why: string | undefined): void {
  if (why !== undefined) throw new ConfigError('config.baseline-report', why);
}

function partsOf({ root, sampling }: ModelIdentity, served: string | null, fingerprint: string | null): Binding {
  const fields = Object.entries(sampling).map(([name, value]) => [`sampling.${name}`, value]);
  return { served, fingerprint, root: root ?? null, ...Object.fromEntries(fields) };
}

/** A server that changed within the recording has several: any of them is known. */
function fingerprintAmong({ fingerprint: known }: ModelIdentity, { fingerprint }: ModelIdentity): string | null {
  const all = known?.split(', ') ?? [];
  const isKnown = fingerprint?.split(', ').every((one) => all.includes(one));
  return isKnown ? (known ?? null) : (fingerprint ?? null);
}
