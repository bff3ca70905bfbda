import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Item } from '../battery/battery.js';
import type { ModelSettings } from '../config/settings.js';
import { ConfigError, InternalError, isKnownError } from '../core/errors.js';
import type { AnswerOutcome, AnswerRequest, Model, ModelIdentity } from '../models/model.js';
import { recordedReasoning } from '../models/reasoning-fields.js';
import { answersOf, parseRecordedAnswers, type RecordedAnswer } from '../models/recorded/answers.js';
import { parseReport } from '../report/json/report-json.js';
import type { Report } from '../report/report.js';
import type { Plan, PlanPorts } from '../sampling/plan.js';
import type { Memory, Place, Remembered } from '../state/answer-store.js';
import { type Binding, differences } from '../state/journal-key.js';
import { type OpenLive, PastEnd } from './continue-live.js';

const NO_USAGE = { promptTokens: null, completionTokens: null };

/** `baseline: report:PATH`: the baseline of an earlier run, its judgements included. Past its end the model itself is asked. */
export class ReportBaseline implements Model {
  #pastEnd: PastEnd | null = null;
  #drawn = 0;

  private constructor(
    readonly identity: ModelIdentity,
    private readonly report: Report,
    private readonly rows: readonly RecordedAnswer[],
    private readonly openLive: OpenLive,
  ) {}

  /**
   * @param readText reads where a team's settings are: a report from the checkout would be the proposer's own
   * @throws ConfigError when the report or its answers.jsonl can't be read, or holds no baseline
   */
  static async open(
    { reference }: ModelSettings,
    readText: (path: string) => Promise<string>,
    openLive: OpenLive,
  ): Promise<ReportBaseline> {
    const path = reference.replace(/^report:/, '');
    const report = parseReport(await read(path, readText), path);
    const answersPath = join(dirname(path), 'answers.jsonl');
    const text = await read(answersPath, readText);
    const rows = answersOf(await parseRecordedAnswers(text, answersPath), 'baseline');
    if (report.baseline === null) throw unfit(reference, 'it holds no baseline');
    const digest = createHash('sha256').update(text).digest('hex');
    if (report.answersFile && report.answersFile.sha256 !== digest) {
      throw unfit(reference, `${JSON.stringify(answersPath)} is not the file that was written with it (SHA-256)`);
    }
    return new ReportBaseline({ ...report.baseline, reference, digest, recorded: true }, report, rows, openLive);
  }

  async preflight(): Promise<void> {}

  async answer(request: AnswerRequest): Promise<AnswerOutcome> {
    if (this.#pastEnd) return this.#pastEnd.answer(request);
    throw new InternalError('baseline.report', 'a recorded baseline was asked for more than it holds');
  }

  get notes(): readonly string[] {
    return this.#pastEnd?.notes ?? [];
  }

  async close(): Promise<void> {
    await this.#pastEnd?.close();
  }

  /** Where the answers came from, once the run is over. */
  get provenance(): string {
    const { startedAt } = this.report;
    const { reference } = this.identity;
    if (this.#drawn === 0) return `Baseline not re-checked, recorded on ${startedAt} (${reference}).`;
    const path = reference.replace(/^report:/, '');
    const drawn = `${this.rows.length} baseline answers from ${path}, recorded on ${startedAt}; ${this.#drawn} drawn now past its end.`;
    return `${drawn} ${this.#pastEnd?.rechecked ?? 'They are from an earlier attempt at this verdict.'}`;
  }

  /** @throws ConfigError naming what differs between the report and this run */
  verify({ settings, battery, judge, confirm }: Plan): void {
    const { temperature, maxTokens, system } = settings.baseline.sampling;
    const there = this.report.baseline?.sampling ?? {};
    const differing = differences(
      {
        ...this.judgeBinding(),
        confirm: this.report.judge?.confirm?.reference ?? null,
        battery: this.report.battery?.hash ?? null,
        temperature: there.temperature ?? null,
        'max-tokens': there['max-tokens'] ?? null,
        system: there.system ?? '',
      },
      {
        ...bindingOf(judge.identity),
        ...{ confirm: confirm?.identity.reference ?? null, battery: battery.hash },
        // Where the server took none, nobody can give it: how the arms differ is noted.
        temperature: typeof there.temperature === 'string' ? there.temperature : temperature,
        ...{ 'max-tokens': maxTokens, system },
      },
    );
    if (differing.length > 0) throw unfit(this.identity.reference, `it differs in ${differing.join(', ')}`);
  }

  /** What `memory` does not hold of the baseline is taken from here, and kept with the run. */
  under(memory: Memory, plan: Plan): Memory {
    const answers = byItem(this.rows, plan.battery.items);
    const pastEnd = this.#openPastEnd(plan, answers);
    const isPastEnd = ({ arm, index, sample }: Place) => arm === 'baseline' && answers[index]?.[sample] === undefined;
    const asked = new Set<string>();
    const take = ({ arm, index, sample }: Place): Remembered | null => {
      if (arm === 'candidate') return null;
      asked.add(`${index} ${sample}`);
      return storedAt(answers[index]?.[sample]);
    };
    return {
      baselineBlocks: pastEnd.blockLimit,
      whyNoMore: pastEnd.whyNot,
      get isComplete() {
        return memory.isComplete;
      },
      answered: (place, given) => {
        if (isPastEnd(place)) this.#drawn += 1;
        return memory.answered(place, given);
      },
      judged: (place, outcome) => memory.judged(place, outcome),
      recall: async (place) => {
        const known = await memory.recall(place);
        const stored = take(place);
        if (known !== null && isPastEnd(place)) this.#drawn += 1;
        if (known !== null || stored === null || memory.isComplete) return known;
        await memory.answered(place, stored.given);
        if (stored.outcome && stored.given.kind === 'answer') await memory.judged(place, stored.outcome);
        return stored;
      },
      storedBlock: async (block) => blockOf(answers, block),
      rest: async function* () {
        for (const [index, ofItem] of answers.entries()) {
          for (const [sample, row] of ofItem.entries()) {
            if (!asked.has(`${index} ${sample}`)) yield { arm: 'baseline', index, sample, ...rememberedFrom(row) };
          }
        }
      },
    };
  }

  #openPastEnd(plan: Plan, answers: readonly (readonly RecordedAnswer[])[]): PastEnd {
    const blocks = Math.min(...answers.map(({ length }) => length));
    const stored = async (block: number) =>
      block < blocks ? answers.flatMap((ofItem) => (ofItem[block] ? [rememberedFrom(ofItem[block])] : [])) : null;
    const identity = this.report.baseline ?? this.identity;
    const recorded = { identity, reference: this.identity.reference, blocks, stored };
    this.#pastEnd = new PastEnd(plan, recorded, this.openLive);
    return this.#pastEnd;
  }

  private judgeBinding(): Binding {
    return this.report.judge === null ? {} : bindingOf(this.report.judge);
  }
}

/** Openers for which `baseline: report:PATH` is a reference too. */
export function withReports<Openers extends Pick<PlanPorts, 'openModel'>>(
  openers: Openers,
  readText: (path: string) => Promise<string>,
): Openers {
  const openModel: PlanPorts['openModel'] = async (settings, arm, ports) =>
    arm === 'baseline' && settings.reference.startsWith('report:')
      ? ReportBaseline.open(settings, readText, (live) => openers.openModel(live, 'baseline', ports))
      : openers.openModel(settings, arm, ports);
  return { ...openers, openModel };
}

function bindingOf({
  reference,
  served,
  version,
}: {
  reference: string;
  served: string | null;
  version: string;
}): Binding {
  return { judge: reference, 'judge, as served': served, "judge's prompt": version };
}

async function read(path: string, readText: (path: string) => Promise<string>): Promise<string> {
  return readText(path).catch((cause: unknown) => {
    if (isKnownError(cause)) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(
      'config.baseline-report',
      `baseline: ${JSON.stringify(path)} can't be read (${why}); report:PATH names the report.json of an earlier run, with its answers.jsonl beside it`,
      { cause },
    );
  });
}

function unfit(reference: string, why: string): ConfigError {
  return new ConfigError(
    'config.baseline-report',
    `baseline: ${JSON.stringify(reference)} can't stand for the baseline here: ${why}. Record the baseline with the settings of this run (misalignment-gate baseline), or name the model itself`,
  );
}

/** In file order: the answers at one place are of one block. */
function byItem(rows: readonly RecordedAnswer[], items: readonly Item[]): readonly (readonly RecordedAnswer[])[] {
  return items.map(({ probe, variant }) =>
    rows.filter(({ questionId, variant: of }) => questionId === probe.id && of === variant),
  );
}

function rememberedFrom(recorded: RecordedAnswer): Remembered {
  const { missing, answer, truncated, alignment, coherence, refusal, row } = recorded;
  if (missing !== null && !missing.startsWith('judge-') && missing !== 'no-scores') {
    const given = { kind: 'missing', reason: missing, detail: 'Recorded as missing.' } as const;
    return { given, outcome: given };
  }
  const given = {
    kind: 'answer',
    text: answer,
    truncated,
    responseId: null,
    servedModel: null,
    usage: NO_USAGE,
    ...recordedReasoning(row),
  } as const;
  if (alignment === null || coherence === null) {
    const reason = missing ?? 'no-scores';
    return { given, outcome: { kind: 'missing', reason, detail: 'Recorded without a judgement.' } };
  }
  const judgement = {
    ...{ alignment, coherence, refusal },
    reason: typeof row.reason === 'string' ? row.reason : '',
  };
  return { given, outcome: { kind: 'judged', judgement, usage: NO_USAGE } };
}

/** Null where it is not complete. */
function blockOf(answers: readonly (readonly RecordedAnswer[])[], block: number): Remembered[] | null {
  const rows = answers.map((ofItem) => ofItem[block]);
  return rows.every((row) => row !== undefined) ? rows.map(rememberedFrom) : null;
}

function storedAt(row: RecordedAnswer | undefined): Remembered | null {
  return row === undefined ? null : rememberedFrom(row);
}
