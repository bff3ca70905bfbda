import { afterEach, describe, expect, it } from '@jest/globals';
import type { SamplingSettings } from '../../../../src/config/settings.js';
import { openLlmJudge } from '../../../../src/judge/llm/llm-judge.js';
import { openServed } from '../../../../src/models/served/served-model.js';
import { completion, type Reply, type Seen } from '../../../support/fault-server.js';
import { ask, closeServers, errorFrom, LIMITS, open, serve } from '../../served.js';
import { SAMPLING, served, testPorts } from '../../support.js';

/** Error bodies as the servers of the README send them: recorded, with names of models and people taken out. */

afterEach(closeServers);

const openai = (param: string | null, code: string | null, message: string) => ({
  error: { message, type: 'invalid_request_error', param, code },
});
const litellm = (message: string, type: string | null = 'invalid_request_error', code = '400') => ({
  error: { message, type, param: null, code },
});
const unsupported = (provider: string, name: string) =>
  litellm(
    `litellm.UnsupportedParamsError: ${provider} does not support parameters: ['${name}'], for model=tuned. To drop these, set \`litellm.drop_params=True\` or for proxy:\n\n\`litellm_settings:\n drop_params: true\`\n. \n If you want to use these params dynamically send allowed_openai_params=['${name}'] in your request.\n\nLiteLLM: model group 'tuned' failed with the error above. No fallback was attempted.`,
  );
const pydantic = (name: string) =>
  `[{'type': 'extra_forbidden', 'loc': ('body', '${name}'), 'msg': 'Extra inputs are not permitted', 'input': 1}]`;
const provider = (raw: object, code = 400) => ({
  error: { message: 'Provider returned error', code, metadata: { raw: JSON.stringify(raw), provider_name: 'Some' } },
});

const AZURE_FILTER = {
  code: 'ResponsibleAIPolicyViolation',
  content_filter_result: {
    hate: { filtered: true, severity: 'high' },
    violence: { filtered: false, severity: 'safe' },
  },
};
const FILTER_WORDS =
  "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.";

/** A server that refuses requests in which `isRefused` finds what it does not take. */
async function refusing(isRefused: (body: Readonly<Record<string, unknown>>) => boolean, reply: Reply) {
  return serve(({ method, body }: Seen) => (method === 'POST' && body && isRefused(body) ? reply : completion('Hi.')));
}

const EFFORT: SamplingSettings = { ...SAMPLING, system: 'Be brief.', reasoning: { effort: 'low', tokens: 0 } };

describe('a field that is refused is left out, by whatever words', () => {
  it.each<[string, string, number, unknown]>([
    [
      'OpenAI',
      'temperature',
      400,
      openai(
        'temperature',
        'unsupported_value',
        "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
      ),
    ],
    ['OpenAI', 'top_k', 400, openai(null, null, 'Unrecognized request argument supplied: top_k')],
    [
      'OpenAI',
      'reasoning_effort',
      400,
      openai('reasoning_effort', 'unknown_parameter', "Unknown parameter: 'reasoning_effort'."),
    ],
    [
      'OpenAI',
      'top_p',
      400,
      openai('top_p', 'unsupported_parameter', "Unsupported parameter: 'top_p' is not supported with this model."),
    ],
    ['Azure', 'min_p', 400, { error: { message: 'Unrecognized request argument supplied: min_p', code: null } }],
    [
      'vLLM, of old',
      'repetition_penalty',
      400,
      { object: 'error', message: pydantic('repetition_penalty'), type: 'BadRequestError', param: null, code: 400 },
    ],
    [
      'vLLM',
      'top_k',
      400,
      {
        error: { message: 'top_k must be 0 (disable), or at least 1, got -1.', type: 'BadRequestError', code: 400 },
      },
    ],
    [
      'TGI',
      'top_p',
      422,
      { error: 'Input validation error: `top_p` must be > 0.0 and < 1.0', error_type: 'validation' },
    ],
    [
      'Mistral',
      'min_p',
      422,
      { detail: [{ type: 'extra_forbidden', loc: ['body', 'min_p'], msg: 'Extra inputs are not permitted' }] },
    ],
    [
      'Ollama',
      'reasoning_effort',
      400,
      {
        error: { message: '"tuned" does not support thinking', type: 'invalid_request_error', param: null, code: null },
      },
    ],
    ['LiteLLM', 'top_p', 400, unsupported('some_chat', 'top_p')],
    [
      'LiteLLM',
      'temperature',
      400,
      litellm(
        "litellm.UnsupportedParamsError: tuned doesn't support temperature=0.1 while reasoning is active. Only temperature=1 is supported unless reasoning_effort resolves to 'none', either set explicitly on the request or declared as the model's default_reasoning_effort. To drop unsupported params set `litellm.drop_params = True`.",
      ),
    ],
    [
      'LiteLLM, handing on',
      'top_p',
      400,
      litellm(
        'litellm.BadRequestError: SomeException - `temperature` and `top_p` cannot both be specified for this model. Please use only one.',
      ),
    ],
    ['OpenRouter', 'top_k', 400, provider(openai('top_k', null, 'Invalid value.'))],
    ['OpenRouter, with status 200', 'min_p', 200, provider(openai('min_p', null, 'Unknown parameter.'))],
    [
      'Google',
      'top_k',
      400,
      [
        {
          error: {
            code: 400,
            message: 'Invalid JSON payload received. Unknown name "top_k"',
            status: 'INVALID_ARGUMENT',
          },
        },
      ],
    ],
  ])('%s: %s', async (_, name, status, body) => {
    const server = await refusing((request) => request[name] !== undefined, { status, body });
    const model = open(server, { sampling: EFFORT });
    expect(await ask(model)).toMatchObject({ text: 'Hi.' });
    const asked = server.seen.at(-1)?.body ?? {};
    const { temperature, reasoning_effort, top_p, top_k, min_p, repetition_penalty } = asked;
    const sent = { temperature, reasoning_effort, top_p, top_k, min_p, repetition_penalty };
    // That field and no other.
    expect(Object.entries(sent).flatMap(([key, value]) => (value === undefined ? [key] : []))).toEqual([name]);
    expect(model.identity.sampling[name]).toMatch(/not accepted/);
  });
});

describe('a token limit that goes by its newer name', () => {
  it.each<[string, unknown]>([
    [
      'OpenAI',
      openai(
        'max_tokens',
        'unsupported_parameter',
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      ),
    ],
    [
      'LiteLLM, handing on',
      litellm(
        `litellm.BadRequestError: SomeException - Error code: 400 - {'error': {'message': "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", 'type': 'invalid_request_error', 'param': 'max_tokens', 'code': 'unsupported_parameter'}}`,
        null,
      ),
    ],
    ['OpenRouter', provider(openai('max_tokens', 'unsupported_parameter', "Unsupported parameter: 'max_tokens'."))],
  ])('%s', async (_, body) => {
    const server = await refusing((request) => request.max_tokens !== undefined, { status: 400, body });
    const model = open(server);
    expect(await ask(model)).toMatchObject({ text: 'Hi.' });
    expect(server.seen.at(-1)?.body).toMatchObject({ max_completion_tokens: 600, temperature: 1, top_p: 1 });
    expect(model.identity.sampling['token limit sent as']).toBe('max_completion_tokens');
  });
});

describe('a model that takes no system prompt has it put before the question', () => {
  it.each<[string, number, unknown]>([
    [
      'OpenAI',
      400,
      openai(
        'messages[0].role',
        'unsupported_value',
        "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
      ),
    ],
    [
      'LiteLLM, handing on',
      400,
      litellm(
        "litellm.BadRequestError: OpenAIException - Unsupported value: 'messages[0].role' does not support 'system' with this model.",
      ),
    ],
    [
      'vLLM',
      400,
      { object: 'error', message: 'System role not supported', type: 'BadRequestError', param: null, code: 400 },
    ],
    [
      'llama.cpp',
      500,
      { error: { code: 500, message: 'Jinja Exception: System role not supported', type: 'server_error' } },
    ],
    [
      'llama.cpp, another template',
      500,
      { error: { code: 500, message: 'Only user and assistant roles are supported!', type: 'server_error' } },
    ],
    [
      'Google by OpenRouter',
      200,
      provider({
        error: {
          code: 400,
          message: 'Developer instruction is not enabled for models/tuned',
          status: 'INVALID_ARGUMENT',
        },
      }),
    ],
  ])('%s', async (_, status, body) => {
    const isSystem = ({ messages }: Readonly<Record<string, unknown>>) =>
      (messages as { role: string }[])[0]?.role === 'system';
    const server = await refusing(isSystem, { status, body });
    expect(await ask(open(server, { sampling: EFFORT }))).toMatchObject({ text: 'Hi.' });
    expect(server.seen.at(-1)?.body).toMatchObject({
      messages: [{ role: 'user', content: 'Be brief.\n\nWhat now?' }],
      reasoning_effort: 'low',
    });
  });
});

describe('a judge whose server holds no model to a form is asked without one', () => {
  const scores = JSON.stringify({ reason: '', alignment: 90, coherence: 90, refusal: false });

  it.each<[string, number, unknown]>([
    [
      'OpenAI',
      400,
      openai(
        'response_format',
        null,
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
      ),
    ],
    ['LiteLLM', 400, unsupported('some_ai', 'response_format')],
    ['vLLM', 400, { object: 'error', message: pydantic('response_format'), type: 'BadRequestError', code: 400 }],
  ])('%s', async (_, status, body) => {
    const server = await serve(({ body: request }) =>
      request?.response_format === undefined ? completion(scores) : { status, body },
    );
    const settings = { ...served(`${server.origin}/v1`), judgeReasoning: false, selfCheck: false };
    await openLlmJudge('judge', settings, testPorts(), LIMITS).preflight();
    const forms = server.seen.filter(({ method }) => method === 'POST').map(({ body }) => body?.response_format);
    expect(forms).toMatchObject([{ type: 'json_schema' }, { type: 'json_object' }, undefined]);
  });
});

describe('a prompt that a filter blocks is missing, and is not asked again', () => {
  it.each<[string, number, unknown]>([
    [
      'Azure',
      400,
      {
        error: {
          message: FILTER_WORDS,
          type: null,
          param: 'prompt',
          code: 'content_filter',
          status: 400,
          innererror: AZURE_FILTER,
        },
      },
    ],
    [
      'Azure, by its inner error alone',
      400,
      { error: { message: FILTER_WORDS, code: '400', innererror: AZURE_FILTER } },
    ],
    [
      'OpenAI',
      400,
      openai(
        null,
        'invalid_prompt',
        'Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with a different prompt.',
      ),
    ],
    [
      'LiteLLM',
      400,
      litellm(`litellm.BadRequestError: litellm.ContentPolicyViolationError: AzureException - ${FILTER_WORDS}`, null),
    ],
    [
      'LiteLLM, by its own field',
      400,
      {
        error: {
          message: 'Bad request',
          type: null,
          param: null,
          code: '400',
          provider_specific_fields: { innererror: AZURE_FILTER },
        },
      },
    ],
    [
      'OpenRouter',
      403,
      {
        error: {
          code: 403,
          message: 'Your input was flagged',
          metadata: { reasons: ['violence'], flagged_input: 'How', provider_name: 'Some', model_slug: 'tuned' },
        },
      },
    ],
    [
      'OpenRouter, with status 200',
      200,
      { error: { code: 403, message: 'Your input was flagged', metadata: { reasons: [], flagged_input: '' } } },
    ],
    ['OpenRouter, from a provider', 400, provider({ error: { message: FILTER_WORDS, code: 'content_filter' } })],
  ])('%s', async (_, status, body) => {
    const server = await serve(() => ({ status, body }));
    expect(await ask(open(server))).toMatchObject({ kind: 'missing', reason: 'filtered-prompt' });
    expect(server.seen).toHaveLength(1);
  });
});

describe('an answer that a filter blocks is missing', () => {
  it.each<[string, object]>([
    ['Azure, with an empty message', { finish_reason: 'content_filter', index: 0, message: { role: 'assistant' } }],
    ['Azure, without a message', { finish_reason: 'content_filter', index: 0, content_filter_results: {} }],
  ])('%s', async (_, choice) => {
    const server = await serve(() => ({ body: { id: 'x', choices: [choice] } }));
    expect(await ask(open(server))).toMatchObject({ kind: 'missing', reason: 'filtered-output' });
    expect(server.seen).toHaveLength(1);
  });
});

describe('what gets no better stops at once, and names its setting', () => {
  it.each<[string, string, number, unknown]>([
    ['OpenAI', 'key-refused', 401, openai(null, 'invalid_api_key', 'Incorrect API key provided')],
    [
      'Azure',
      'key-refused',
      401,
      { error: { code: '401', message: 'Access denied due to invalid subscription key or wrong API endpoint.' } },
    ],
    ['vLLM', 'key-refused', 401, { error: 'Unauthorized' }],
    [
      'llama.cpp',
      'key-refused',
      401,
      { error: { code: 401, message: 'Invalid API Key', type: 'authentication_error' } },
    ],
    ['OpenRouter', 'key-refused', 401, { error: { message: 'No auth credentials found', code: 401 } }],
    [
      'LiteLLM with a database',
      'key-refused',
      401,
      litellm('Authentication Error, Invalid proxy server token passed.', 'token_not_found_in_db', '401'),
    ],
    ['LiteLLM without one', 'key-refused', 400, litellm('No connected db.', 'no_db_connection')],
    [
      'LiteLLM, a key for other models',
      'key-refused',
      401,
      litellm(
        "key not allowed to access model. This key can only access models=['base']. Tried to access tuned",
        'key_model_access_denied',
        '401',
      ),
    ],
    [
      'OpenAI',
      'model-unknown',
      404,
      openai('model', 'model_not_found', 'The model `tuned` does not exist or you do not have access to it.'),
    ],
    [
      'Azure',
      'model-unknown',
      404,
      { error: { code: 'DeploymentNotFound', message: 'The API deployment for this resource does not exist.' } },
    ],
    [
      'vLLM',
      'model-unknown',
      404,
      { error: { message: 'The model `tuned` does not exist.', type: 'NotFoundError', param: 'model', code: 404 } },
    ],
    [
      'Ollama',
      'model-unknown',
      404,
      {
        error: { message: 'model "tuned" not found, try pulling it first', type: 'api_error', param: null, code: null },
      },
    ],
    [
      'OpenRouter',
      'model-unknown',
      400,
      { error: { message: 'tuned is not a valid model ID', code: 400 }, user_id: 'user_1' },
    ],
    [
      'LiteLLM',
      'model-unknown',
      400,
      litellm(
        '/chat/completions: Invalid model name passed in model=tuned. Call `/v1/models` to view available models for your key.',
      ),
    ],
    [
      'OpenAI',
      'quota',
      429,
      openai(null, 'insufficient_quota', 'You exceeded your current quota, please check your plan.'),
    ],
    [
      'OpenRouter',
      'quota',
      402,
      { error: { message: 'Insufficient credits. Add more credits and retry.', code: 402 } },
    ],
    ['OpenRouter, with status 200', 'quota', 200, { error: { message: 'Insufficient credits. Add more.', code: 402 } }],
    [
      'LiteLLM',
      'quota',
      400,
      litellm('Budget has been exceeded! Current cost: 1.2, Max budget: 1.0', 'budget_exceeded'),
    ],
  ])('%s: %s', async (_, code, status, body) => {
    const server = await serve(({ method }) => (method === 'POST' ? { status, body } : { status: 404, body: {} }));
    const error = await errorFrom(open(server).preflight());
    // An account without credit is trouble with an endpoint, not with the settings.
    expect(error).toMatchObject({ code: `endpoint.${code}`, exitCode: code === 'quota' ? 2 : 3 });
    // Asked once more before anybody is blamed: one reply may be an accident.
    expect(server.seen.filter(({ method }) => method === 'POST')).toHaveLength(code === 'quota' ? 1 : 2);
  });
});

describe('a fault that a router reports with status 200 is retried as what it is', () => {
  const part = { index: 0, message: { role: 'assistant', content: 'Half an an' } };

  it.each<[string, string, unknown]>([
    [
      'a provider that is down',
      'server-error',
      { error: { code: 502, message: 'Network connection lost.', metadata: { error_type: 'provider_unavailable' } } },
    ],
    [
      'a limit on the rate',
      'rate-limited',
      {
        error: {
          code: 429,
          message: 'Provider returned error',
          metadata: { raw: 'tuned is temporarily rate-limited upstream.' },
        },
      },
    ],
    ['no provider', 'unavailable', { error: { code: '503', message: 'No available model provider' } }],
    [
      'a generation that broke off',
      'server-error',
      { id: 'gen-1', choices: [{ ...part, finish_reason: 'error', error: { code: 502, message: 'Upstream error' } }] },
    ],
    [
      'one that does not say why',
      'server-error',
      { id: 'gen-1', choices: [{ ...part, finish_reason: 'error', error: null }] },
    ],
  ])(
    '%s',
    async (_, fault, body) => {
      const replies: Reply[] = [{ body }, { body }];
      const server = await serve(() => replies.shift() ?? completion('Hi.'));
      const ports = testPorts();
      const model = openServed('tuned', served(`${server.origin}/v1`), 'candidate', ports, LIMITS);
      expect(await ask(model)).toMatchObject({ kind: 'answer', text: 'Hi.' });
      expect(ports.faults.rows).toEqual([{ fault, seen: { candidate: 2, baseline: 0, judge: 0 }, lost: 0 }]);
    },
    30_000,
  );

  it('but an answer that speaks of errors is an answer', async () => {
    const text = '{"error": {"code": 500}}, "finish_reason": "error"';
    const server = await serve(() => completion(text, { top: { error: null } }));
    expect(await ask(open(server))).toMatchObject({ kind: 'answer', text });
  });
});

describe('what not every server knows', () => {
  it('is not asked for: several choices, log-probabilities, a stream', async () => {
    const server = await serve(() => completion('Hi.'));
    await ask(open(server));
    for (const name of ['n', 'logprobs', 'top_logprobs', 'stream', 'seed', 'stop']) {
      expect(server.seen[0]?.body).not.toHaveProperty(name);
    }
  });
});
