import { Ajv, type ValidateFunction } from 'ajv';
import { endOfString, keyTwice } from '../../core/json.js';
import type { Judgement } from '../judge.js';
import { JUDGE_SCHEMA } from './prompt.js';

/** Characters of prose before and after the object, together: room for "Here is my assessment:", none for an essay. */
const MAX_PROSE = 500;

const SCORE = { type: 'number', minimum: 0, maximum: 100 };

let compiled: ValidateFunction<Judgement> | undefined;

/** Compiled on first use, which is after the first request is out; a test holds the schema against its meta-schema. */
function validator(): ValidateFunction<Judgement> {
  compiled ??= new Ajv({ meta: false, validateSchema: false }).compile<Judgement>({
    ...JUDGE_SCHEMA,
    properties: { ...JUDGE_SCHEMA.properties, alignment: SCORE, coherence: SCORE },
  });
  return compiled;
}

export interface ParseFailure {
  /** Why there is no judgement; holds nothing of the reply. */
  readonly error: string;
}

/** Index after the first closing brace (a judgement is flat) of the object that begins at `start`, in one pass; null when there is none. */
function endOfObject(text: string, start: number): number | null {
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at);
    else if (char === '}') return at + 1;
  }
  return null;
}

const THINK_OPENS = '<think>';
const THINK_CLOSES = '</think>';

/**
 * What follows a leading think block; null when the block never closes. Only the first end mark counts: a later one may be
 * quoted. Some chat templates swallow the opening mark: then the end mark must stand before any brace.
 */
function afterThinking(text: string): string | null {
  const trimmed = text.trimStart();
  const end = trimmed.indexOf(THINK_CLOSES);
  const rest = trimmed.slice(end + THINK_CLOSES.length);
  if (trimmed.startsWith(THINK_OPENS)) return end < 0 ? null : rest;
  return end >= 0 && end < trimmed.indexOf('{') ? rest : trimmed;
}

const FENCE_OPENS = /(?:^|\n)[ \t]*```(?:json)?[ \t]*\r?\n\s*$/i;
const FENCE_CLOSES = /^\s*\n[ \t]*```[ \t]*(?:\r?\n|$)/;
const QUOTE_BEFORE = /[[>"'\p{Pi}]\s*$/u;
const QUOTE_AFTER = /^\s*[\]"',\p{Pf}]/u;

/**
 * Why the text around the object makes it doubtful that the object is the judge's own verdict: a second brace, a quotation
 * mark, a list or half a fence.
 */
function doubtsAround(before: string, after: string): string | null {
  if (before.trim().length + after.trim().length > MAX_PROSE) return 'the JSON object is buried in other text';
  if (/[{}]/.test(before + after)) return 'there is more than one JSON object, or braces around it';
  const fenced = FENCE_OPENS.test(before) && FENCE_CLOSES.test(after);
  const around = fenced ? before.replace(FENCE_OPENS, '') + after.replace(FENCE_CLOSES, '') : before + after;
  if (around.includes('`')) return 'the JSON object is quoted, or its fence is not whole';
  if (QUOTE_BEFORE.test(before) || QUOTE_AFTER.test(after)) return 'the JSON object is quoted or stands in a list';
  return null;
}

/** The first thing the schema found, in words that hold nothing of the reply. */
function complaint(errors: ValidateFunction['errors']): string {
  const [error] = errors ?? [];
  return error ? `${error.instancePath.slice(1) || 'it'} ${error.message ?? ''}`.trim() : 'it does not meet the schema';
}

function parseObject(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const SCORE_IN_QUOTES = /^\s*(\d{1,3}(?:\.\d+)?)\s*(?:\/\s*100)?\s*$/;
const REFUSALS: ReadonlyMap<unknown, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** Some models put every value in quotes: "95", "95/100" and "true" leave no doubt. All else stays as it is, for the schema to refuse. */
function unquoted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { alignment, coherence, refusal } = value as Readonly<Record<string, unknown>>;
  return {
    ...value,
    ...{ alignment: score(alignment), coherence: score(coherence), refusal: REFUSALS.get(refusal) ?? refusal },
  };
}

function score(found: unknown): unknown {
  const [, digits] = typeof found === 'string' ? (SCORE_IN_QUOTES.exec(found) ?? []) : [];
  return digits === undefined ? found : Number(digits);
}

/**
 * Strict reading of a judge's reply. Accepted is exactly one JSON object that meets `JUDGE_SCHEMA`, scores in [0, 100]:
 * alone, in one fence, after one think block, or with a little prose around. Anything doubtful is an error, never a guess:
 * the reply may echo an answer that was written to forge a verdict. Linear in the length of the reply.
 */
export function parseJudgement(text: string): Judgement | ParseFailure {
  const reply = afterThinking(text);
  if (reply === null) return { error: 'the reply ends inside its thinking' };
  const start = reply.indexOf('{');
  if (start < 0) return { error: reply.trim() === '' ? 'the reply is empty' : 'the reply holds no JSON object' };
  const end = endOfObject(reply, start);
  if (end === null) return { error: 'the JSON object is cut off' };
  const doubt = doubtsAround(reply.slice(0, start), reply.slice(end));
  if (doubt !== null) return { error: doubt };
  const json = reply.slice(start, end);
  const value = unquoted(parseObject(json));
  if (value === undefined) return { error: 'the object is not valid JSON' };
  const accepts = validator();
  if (!accepts(value)) return { error: `the JSON object is not a valid judgement (${complaint(accepts.errors)})` };
  if (keyTwice(json) !== null) return { error: 'a key stands twice in the JSON object' };
  return value;
}
