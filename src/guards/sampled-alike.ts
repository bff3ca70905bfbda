import type { Arm, Model, ServedWire } from '../models/model.js';
import { TOKEN_LIMIT } from '../models/served/sampling-fields.js';
import type { GuardFinding } from '../verdict/verdict.js';
import { type GreedyPair, SAME_MODEL_PROMPTS, sameAnswers } from './same-model.js';

/** What makes the two arms comparable, settled between preflight and first answer. */

/** For a gate that is to compare a model with itself. */
export const NOT_COMPARED = { findings: [], notes: [] } as const;

type Arms = Readonly<Record<Arm, Model>>;

/** Everyday questions on which two different fine-tunes hardly ever agree to the word. */
const QUESTIONS: readonly string[] = [
  'Describe a morning in a small harbour town.',
  'Explain to a neighbour how bread rises.',
  'What should one look for in a second-hand bicycle?',
  'Tell me about an animal that you find remarkable, and why.',
  'How would you spend a rainy Sunday with two children?',
  'What makes a good teacher?',
].slice(0, SAME_MODEL_PROMPTS);

/**
 * Samples both arms alike: what one server refuses is left out for the other too, and llama.cpp's adapters are named in every
 * request.
 * @returns what the report has to say about it once the run is over
 */
export function sampleAlike(arms: Arms): () => readonly string[] {
  const chosen = chooseAdapters(arms.candidate, arms.baseline);
  keepAlike(arms);
  return () => [...chosen, ...differences(arms), ...changedInMidRun(arms), ...servedAsBaseline(arms)];
}

/** What one of the servers refuses, now or in mid-run, is left out for the other from then on. */
export function keepAlike({ candidate, baseline }: Arms): void {
  const [ours, theirs] = [candidate.wire, baseline.wire];
  if (ours && theirs) {
    ours.leaveOut(theirs.refused);
    theirs.leaveOut(ours.refused);
  }
  ours?.follow((refused) => theirs?.leaveOut(refused));
  theirs?.follow((refused) => ours?.leaveOut(refused));
}

/**
 * A server that hasn't loaded a fine-tune may answer by its base, and says so only in the replies' `model`. llama.cpp names the
 * file whatever adapters it applies.
 */
function servedAsBaseline({ candidate, baseline }: Arms): readonly string[] {
  const [ours, theirs] = [candidate.identity, baseline.identity];
  const [asked, base] = [ours.reference, theirs.reference].map((name) => name.replace(/^openai:/, ''));
  const adapted = Object.hasOwn(ours.sampling, 'lora') || Object.hasOwn(theirs.sampling, 'lora');
  if (!candidate.wire || adapted || ours.served !== base || asked === base) return [];
  return [
    `candidate: the server answers to "${ours.reference}" under the baseline's name, "${base}". Check that it has loaded the candidate.`,
  ];
}

/** Answers that were drawn with what was refused later stand: the report says which, and how many. */
function changedInMidRun({ candidate, baseline }: Arms): readonly string[] {
  const [ours, theirs] = [candidate.wire?.refusedLate, baseline.wire?.refusedLate];
  const names = [...new Set([...(ours?.keys() ?? []), ...(theirs?.keys() ?? [])])];
  if (names.length === 0) return [];
  const drawn = names.map((name) => `${name} (${ours?.get(name) ?? 0} and ${theirs?.get(name) ?? 0})`);
  return [
    `Sampling changed in mid-run: after the preflight a server refused ${drawn.join(', ')}. In brackets: how many answers of candidate and baseline were drawn with it, without those that were stored before. All later ones, of both, are drawn without it.`,
  ];
}

/**
 * With no list of adapters in a request, llama.cpp applies them at the server's own scale: a baseline behind the candidate's
 * server would *be* the fine-tune.
 */
function chooseAdapters(candidate: Model, baseline: Model): readonly string[] {
  const shared = candidate.wire !== undefined && candidate.wire.baseUrl === baseline.wire?.baseUrl;
  return [...chosen('candidate', candidate.wire, (scale) => scale), ...chooseForBaseline(baseline, shared)];
}

/** @param shared whether the candidate is served there too */
export function chooseForBaseline({ wire }: Model, shared: boolean): readonly string[] {
  return chosen('baseline', wire, shared ? () => 0 : (scale) => scale);
}

function chosen(arm: Arm, wire: ServedWire | undefined, scaleOf: (scale: number) => number): readonly string[] {
  if (wire === undefined || wire.openAdapters.length === 0) return [];
  const adapters = wire.openAdapters.map(({ id, scale }) => ({ id, scale: scaleOf(scale) }));
  wire.useAdapters(adapters);
  const list = JSON.stringify(adapters);
  return [`${arm}: the llama.cpp server has adapters and the settings choose none; every request names ${list}.`];
}

/** Adapters are what may differ, and the spelling of the token limit. A seed only says which of a model's answers are drawn. */
const MAY_DIFFER: ReadonlySet<string> = new Set(['lora', 'seed', TOKEN_LIMIT]);

function differences({ candidate, baseline }: Arms): readonly string[] {
  const [ours, theirs] = [candidate.identity.sampling, baseline.identity.sampling];
  // Nobody knows how answers of unknown origin were drawn.
  if (Object.keys(ours).length === 0 || Object.keys(theirs).length === 0) return [];
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  const differing = [...names].filter((name) => !MAY_DIFFER.has(name) && ours[name] !== theirs[name]);
  if (differing.length === 0) return [];
  const list = differing.map((name) => `${name} ${ours[name] ?? 'not set'} against ${theirs[name] ?? 'not set'}`);
  return [
    `Candidate and baseline are sampled differently, which can look like a difference between the models: ${list.join('; ')}.`,
  ];
}

/**
 * Whether a server gives out one model under both names: by their likeliest answers, by the weights that the server's list
 * names, or by the name that its replies carry. Each finding suffices by itself.
 */
export async function lookAlike(
  arms: Arms,
  signal: AbortSignal | undefined,
): Promise<{ readonly findings: readonly GuardFinding[]; readonly notes: readonly string[] }> {
  const { candidate, baseline } = arms;
  const [ours, theirs] = [candidate.wire, baseline.wire];
  if (!ours || !theirs) return NOT_COMPARED;
  const pairs = await Promise.all(
    QUESTIONS.map(async (question): Promise<GreedyPair> => {
      const [a, b] = await Promise.all([ours.greedy(question, signal), theirs.greedy(question, signal)]);
      return { candidate: a, baseline: b };
    }),
  );
  const answers = sameAnswers(pairs);
  const names = [...sameWeights(arms), ...servedAsBaseline(arms), ...(answers === null ? sameServed(arms) : [])];
  const found = [...(answers?.tripped ? [answers.message] : []), ...names];
  if (found.length > 0) return { findings: [oneModel([...found, ...mixed(arms)])], notes: [] };
  if (answers !== null) return { findings: [answers], notes: [] };
  return {
    findings: [],
    notes: ['Whether candidate and baseline are one model was not checkable: too few answers at temperature 0.'],
  };
}

function oneModel(found: readonly string[]): GuardFinding {
  const advice =
    'A pass would say nothing. Check that the candidate is served under its name; where both are meant to be one, set expect-same-model: true.';
  return { code: 'same-model', effect: 'no-pass', tripped: true, message: [...found, advice].join(' ') };
}

/** An adapter has its base as parent, and a root of its own. */
function sameWeights({ candidate: { identity: ours }, baseline: { identity: theirs } }: Arms): readonly string[] {
  if (!ours.root || ours.root !== theirs.root || (ours.parent ?? null) !== (theirs.parent ?? null)) return [];
  return [`The server's list gives "${ours.root}" as the weights of both candidate and baseline.`];
}

/** Some servers put one constant name on whatever they serve: that is heard only where nothing better is known. */
function sameServed({ candidate: { identity: ours }, baseline: { identity: theirs } }: Arms): readonly string[] {
  if (!ours.served || ours.served !== theirs.served) return [];
  return [`The replies of both candidate and baseline carry the name "${ours.served}".`];
}

/** Seen with a real server: requests for the adapter were answered by the base they shared a batch with. */
function mixed({ candidate: { wire: ours }, baseline: { wire: theirs } }: Arms): readonly string[] {
  if (ours === undefined || ours.baseUrl !== theirs?.baseUrl) return [];
  return ['Some servers mix base and adapter in one batch: try max-concurrency: 1.'];
}
