import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import schema from '../../schemas/config.schema.json' with { type: 'json' };
import { INPUTS } from '../../src/config/inputs.js';
import { ConfigError } from '../../src/core/errors.js';
import { LEAST, resolve, resolveOnPullRequest, type Situation } from './support.js';

const SECRET = 'sk-tell-nobody-0123456789';

const word = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.constantFrom(
    ...['true', '0', '-1', '0x10', '1e3', '15m', 'auto', 'quick', 'deep', 'embedded', 'recorded', 'never'],
  ),
  fc.constantFrom(
    ...['file:a#/b', 'replay:x', 'demo:base', 'http://a/v1', 'http://', 'a:b@c', '__proto__', '\ud800', ' '],
  ),
);
const value = fc.oneof(word, fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.jsonValue({ maxDepth: 3 }));
const keys = Object.keys(schema.properties);
const inner = ['model', 'self-check', 'candidate', 'judge', 'temperature', 'margin', 'base-url', 'extra-body', 'lora'];
const section = fc.dictionary(fc.oneof(fc.constantFrom(...inner), word), fc.oneof(value, fc.dictionary(word, value)));
const settings = fc.dictionary(fc.oneof(fc.constantFrom(...keys), word), fc.oneof(value, section), { maxKeys: 6 });

/** From nonsense to files that are almost right. */
const file: fc.Arbitrary<string> = fc.oneof(
  settings.map((data) => JSON.stringify(data)),
  settings.map((data) => stringify(data)),
  fc
    .array(
      fc.constantFrom('a', ':', ' ', '\n', '-', '[', ']', '{', '}', '"', "'", '&a', '*a', '!', '|', '#', '\t', '?'),
    )
    .map((parts) => parts.join('')),
);
const names = INPUTS.map(({ name }) => name);
const inputs = fc.dictionary(fc.constantFrom(...names), word, { maxKeys: 6 });
const situation: fc.Arbitrary<Situation> = fc.record({
  inputs: fc.oneof(
    inputs,
    inputs.map((given) => ({ ...LEAST, ...given })),
  ),
  file,
});

function outcome(resolution: () => unknown): string {
  try {
    return JSON.stringify(resolution());
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

describe('whatever the inputs and the settings file are', () => {
  it('they are accepted, or refused with a configuration error: nothing else is ever thrown', () => {
    fc.assert(
      fc.property(situation, (given) => {
        outcome(() => resolve(given));
        outcome(() => resolveOnPullRequest(given));
      }),
      { numRuns: 1500 },
    );
  });

  it('a refusal has something to say', () => {
    fc.assert(fc.property(situation, (given) => expect(outcome(() => resolve(given)).length).toBeGreaterThan(10)));
  });

  it('no secret among the inputs is repeated in a message, a note or the list of settings', () => {
    const secrets = INPUTS.filter(({ secret }) => secret).map(({ name }) => [name, SECRET]);
    fc.assert(
      fc.property(situation, (given) => {
        const withSecrets = { ...given, inputs: { ...given.inputs, ...Object.fromEntries(secrets) } };
        const told = outcome(() => {
          const { effective, notes } = resolve({ ...withSecrets, env: { OPENAI_API_KEY: SECRET } });
          return { effective, notes };
        });
        expect(told).not.toContain(SECRET);
      }),
    );
  });

  it('no secret that stands under its name anywhere in the settings file is accepted or repeated', () => {
    const places = fc.constantFrom([], ['models', 'judge'], ['sampling', 'extra-body'], ['judge'], ['x', 'y']);
    const secretKeys = fc.constantFrom('api-key', 'judge-api-key', 'API_KEY', 'apiKey', 'github-token', 'state-key');
    fc.assert(
      fc.property(settings, places, secretKeys, (data, place, key) => {
        const [top = key] = place;
        const nested = [...place, key].slice(1).reduceRight<unknown>((child, step) => ({ [step]: child }), SECRET);
        const told = outcome(() => resolve({ inputs: LEAST, file: stringify({ ...data, [top]: nested }) }));
        expect(told).toMatch(/secret may not stand in a settings file/);
        expect(told).not.toContain(SECRET);
      }),
    );
  });

  it('on a pull request no input changes what the settings file sets', () => {
    const open = new Set(['candidate', 'baseline', 'judge']);
    const leaves = fc.record(
      {
        'fail-on': fc.constantFrom('inconclusive', 'fail', 'never'),
        comment: fc.constantFrom('always', 'on-failure', 'never'),
        excerpts: fc.integer({ min: 0, max: 50 }),
        battery: fc.constantFrom('quick', 'standard', 'own.yaml'),
        'max-answers': fc.integer({ min: 1, max: 5000 }),
        'expect-same-model': fc.boolean(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(leaves, leaves, (set, tried) => {
        const attempt = Object.fromEntries(Object.entries(tried).map(([name, given]) => [name, String(given)]));
        const { effective } = resolveOnPullRequest({ inputs: { ...LEAST, ...attempt }, file: stringify(set) });
        for (const { name, value: found, source } of effective.filter((setting) => !open.has(setting.name))) {
          if (Object.hasOwn(set, name))
            expect([source, found]).toEqual(['file', String(set[name as keyof typeof set])]);
        }
      }),
    );
  });
});
