import { parseJson } from '../../../core/json.js';
import type { HttpReply } from '../http/http-client.js';
import { asObject } from './error-body.js';

/** For a generation that a server says has failed, without saying how. */
const BAD_GATEWAY = 502;

/**
 * A router that has begun to answer can't take its status 200 back: OpenRouter puts what went wrong into the body, with the
 * status that it would have had, as the whole reply or beside the piece of an answer that it has so far.
 * @returns the reply with that status, and with the error as its body; any other reply as it is
 */
export function withInnerStatus(reply: HttpReply): HttpReply {
  const mayHold = reply.status >= 200 && reply.status < 300 && reply.body.includes('"error"');
  const body = mayHold ? asObject(parseJson(reply.body)) : undefined;
  const found = body && failureIn(body);
  if (!body || !found) return reply;
  const { usage } = body;
  return { ...reply, status: found.status, body: JSON.stringify({ error: found.error, usage }) };
}

function failureIn(body: Readonly<Record<string, unknown>>): { status: number; error: unknown } | null {
  if (!Array.isArray(body.choices)) {
    const status = statusOf(body.error);
    return status === null ? null : { status, error: body.error };
  }
  const choice = asObject(body.choices[0]);
  const error = asObject(choice?.error);
  if (error === undefined && String(choice?.finish_reason).toLowerCase() !== 'error') return null;
  return { status: statusOf(error) ?? BAD_GATEWAY, error: error ?? { message: 'The generation ended with an error.' } };
}

/** An HTTP status that stands for a failure; null where the code is none. */
function statusOf(error: unknown): number | null {
  const code = Number(asObject(error)?.code);
  return Number.isInteger(code) && code >= 400 && code < 600 ? code : null;
}
