import { ConfigError } from '../../core/errors.js';
import type { Leaves } from '../precedence.js';

type Field = 'own' | 'name' | 'temperature' | 'effort' | 'length' | 'number';

/** Without capitals and underscores: servers spell one thing in several ways. */
const FIELDS: Readonly<Record<Field, readonly string[]>> = {
  own: ['messages', 'prompt', 'input', 'inputs', 'stream'],
  name: ['model', 'models', 'fallbacks'],
  temperature: ['temperature'],
  effort: ['reasoningeffort'],
  // OpenAI's, Gemini's, TGI's and Transformers', llama.cpp's, Ollama's, older APIs'.
  length: [
    ...['maxtokens', 'maxcompletiontokens', 'maxoutputtokens', 'maxnewtokens', 'maxgentokens', 'maxgenlen'],
    ...['npredict', 'numpredict', 'ntokens', 'numtokens', 'maxlength', 'maxtokenstosample', 'maxtokenstogenerate'],
    // A guess at the answer, whose unused tokens are billed as if they were one.
    'prediction',
  ],
  // Several answers to a question, or several beams of one.
  number: [
    ...['n', 'bestof', 'numreturnsequences', 'candidatecount', 'numbeams', 'usebeamsearch', 'beamwidth', 'beamsize'],
    ...['numcompletions', 'numresults', 'numgenerations', 'numsamples'],
    // Of LiteLLM.
    'numretries',
  ],
};

const WHY: Readonly<Record<Field, string>> = {
  own: 'the gate sets it itself; leave it out',
  name: 'which model answers is said by candidate, baseline and judge (judge.confirm); leave it out',
  temperature: 'it has a setting of its own: temperature, under sampling or models',
  effort: 'it has a setting of its own: reasoning-effort, under models',
  length:
    'how many tokens a server may generate is said by max-tokens, under sampling or models (reasoning-tokens for thinking), and max-cost-usd goes by that; give that instead',
  number:
    'the server would generate more than the one answer that is asked for, and that max-cost-usd goes by; leave it out',
};

/** Where servers take sampling fields that do not stand at the top: Ollama, TGI, Gemini, SGLang, clients of Python. */
const WITHIN = ['options', 'parameters', 'generationconfig', 'samplingparams', 'extrabody', 'modelkwargs'];

const ROLES = ['candidate', 'baseline', 'judge', 'confirm'] as const;

/** @throws ConfigError for fields under which a server would answer otherwise, or at greater length, than the settings say */
export function refuseReservedFields(leaves: Leaves): void {
  for (const path of [['sampling', 'extra-body'], ...ROLES.map((role) => ['models', role, 'extra-body'])]) {
    leaves.attempt(() => refuseWithin(leaves.fileValue(path), path.join('.')), undefined);
  }
}

function refuseWithin(body: unknown, path: string): void {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return;
  for (const [key, value] of Object.entries(body)) {
    const name = key.toLowerCase().replaceAll(/[_-]/g, '');
    const field = (Object.keys(FIELDS) as Field[]).find((one) => FIELDS[one].includes(name));
    if (field !== undefined) throw reserved(`${path}.${key}`, value, field);
    if (WITHIN.includes(name)) refuseWithin(value, `${path}.${key}`);
  }
}

function reserved(path: string, value: unknown, field: Field): ConfigError {
  const found = JSON.stringify(value) ?? 'nothing';
  return new ConfigError(
    'config.extra-body',
    `${path}: ${found.length > 60 ? `${found.slice(0, 60)}…` : found} can't stand there: ${WHY[field]}. ` +
      'Accepted are further fields of the request, as the server takes them: top_k, seed, lora, provider',
  );
}
