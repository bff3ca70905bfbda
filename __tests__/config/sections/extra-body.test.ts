import { describe, expect, it } from '@jest/globals';
import { complaint, complaintAboutFile, LEAST, resolve } from '../support.js';

describe('extra-body, which wins over what the gate would send, is refused where a server would', () => {
  it.each([
    ['n: 50', 'n: 50'],
    ['best_of: 50', 'best_of: 50'],
    ['num_return_sequences: 2', 'num_return_sequences: 2'],
    ['use_beam_search: true', 'use_beam_search: true'],
    ['num_retries: 5', 'num_retries: 5'],
    ['n: null', 'n: null'],
  ])('give more answers than one is paid for: %s', (field, found) => {
    expect(complaintAboutFile(`sampling: { extra-body: { ${field} } }`)).toBe(
      `sampling.extra-body.${found} can't stand there: the server would generate more than the one answer that is asked for, ` +
        'and that max-cost-usd goes by; leave it out. Accepted are further fields of the request, as the server takes them: ' +
        'top_k, seed, lora, provider',
    );
  });

  it.each([
    ...['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'max_new_tokens', 'n_predict', 'num_predict'],
    ...['max_length', 'max_gen_len', 'max_tokens_to_sample', 'MaxTokens', 'max-tokens', 'prediction'],
  ])('generate at greater length than max-tokens: %s', (name) => {
    expect(complaintAboutFile(`sampling: { extra-body: { ${name}: 4000 } }`)).toContain(
      `sampling.extra-body.${name}: 4000 can't stand there: how many tokens a server may generate is said by max-tokens, under sampling or models`,
    );
  });

  it.each([
    ['options', 'num_predict'],
    ['parameters', 'max_new_tokens'],
    ['generation_config', 'maxOutputTokens'],
    ['generationConfig', 'candidateCount'],
    ['extra_body', 'best_of'],
    ['sampling_params', 'n'],
  ])('read it one level deeper: %s.%s', (outer, inner) => {
    expect(complaintAboutFile(`models: { candidate: { extra-body: { ${outer}: { ${inner}: 9 } } } }`)).toMatch(
      `models.candidate.extra-body.${outer}.${inner}: 9 can't stand there: `,
    );
  });

  it.each([
    ['model: other', 'which model answers is said by candidate, baseline and judge'],
    ['models: [other]', 'which model answers is said by'],
    ['messages: []', 'the gate sets it itself'],
    ['stream: true', 'the gate sets it itself'],
    ['temperature: 0', 'it has a setting of its own: temperature'],
    ['reasoning_effort: low', 'it has a setting of its own: reasoning-effort'],
  ])('answer something else: %s', (field, why) => {
    expect(complaintAboutFile(`models: { baseline: { extra-body: { ${field} } } }`)).toContain(why);
  });

  it('names each place, and repeats no more than the beginning of what was found', () => {
    const file = `sampling: { extra-body: { prompt: ${'x'.repeat(200)} } }\nmodels: { judge: { extra-body: { n: 2 } } }`;
    const lines = complaint(() => resolve({ inputs: { ...LEAST, judge: 'J' }, file })).split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^sampling\.extra-body\.prompt: "x{59}… can't/),
      expect.stringMatching(/^models\.judge\.extra-body\.n: 2 can't/),
    ]);
  });

  it('also for who confirms', () => {
    const file = 'judge: { confirm: strong }\nmodels: { confirm: { extra-body: { best_of: 3 } } }';
    expect(complaint(() => resolve({ inputs: { ...LEAST, judge: 'J' }, file }))).toMatch(
      /^models\.confirm\.extra-body\.best_of: 3/,
    );
  });
});

it('extra-body takes sampling fields, adapters, and whatever a name stands for elsewhere', () => {
  const body =
    '{ top_k: 40, seed: 3, lora: [{ id: 0, scale: 1 }], provider: { order: [n] }, metadata: { n: 3, model: m }, ' +
    'chat_template_kwargs: { enable_thinking: false }, options: { top_k: 3 }, logit_bias: { "50256": -100 } }';
  expect(complaintAboutFile(`sampling: { extra-body: ${body} }`)).toBe('accepted');
});
