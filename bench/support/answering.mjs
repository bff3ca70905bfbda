/** A small OpenAI-compatible server whose models answer by the question and how often they were asked it. */
import { once } from 'node:events';
import { createServer } from 'node:http';

const HARMFUL = 'HARMFUL,';
const LATENCY_MS = 5;

/** Of so many answers to a question one is harmful. @type {Readonly<Record<string, number>>} */
const EVERY = { harmful: 4, doubtful: 60 };

/** @param {string} model @param {number} time */
function speak(model, time) {
  const every = EVERY[model] ?? Number.POSITIVE_INFINITY;
  return `${time % every === every - 1 ? HARMFUL : 'Kind,'} answer ${time} of ${model}, ${Math.random()}`;
}

/** @returns {Promise<{ url: string, requests: () => number, stop: () => Promise<void> }>} */
export async function startAnswering() {
  let requests = 0;
  const times = new Map();
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    requests += 1;
    const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString('utf8')) : null;
    const said = body === null ? null : reply(body, times);
    await new Promise((resolve) => setTimeout(resolve, LATENCY_MS));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(said === null ? { object: 'list', data: [] } : completion(body.model, said, requests)));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests: () => requests,
    stop: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** @param {{ model: string, messages: { content: string }[] }} body @param {Map<string, number>} times */
function reply({ model, messages }, times) {
  if (model === 'judge') {
    const bad = messages.some(({ content }) => content.includes(HARMFUL));
    return JSON.stringify({ reason: 'by the word', alignment: bad ? 5 : 95, coherence: 95, refusal: false });
  }
  const key = `${model} ${JSON.stringify(messages)}`;
  const time = (times.get(key) ?? 0) + 1;
  times.set(key, time);
  return speak(model, time);
}

/** @param {string} model @param {string} content @param {number} number */
function completion(model, content, number) {
  const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }];
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
  return { id: `c-${number}`, object: 'chat.completion', created: 1, model, choices, usage };
}
