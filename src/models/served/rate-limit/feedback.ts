import type { Endpoint } from '../endpoint.js';
import { readServerWords } from '../failures/error-body.js';
import { WireFault } from '../failures/request-failure.js';
import type { HttpReply } from '../http/http-client.js';
import type { Signs } from './attempt-outcome.js';
import { headerOf, NO_ADVICE, readAdvice } from './headers.js';

/** What a reply, or its absence, says about how fast the endpoint may be asked. */
export function signsOf(
  result: { readonly value: HttpReply } | { readonly error: unknown },
  { apiKey }: Pick<Endpoint, 'apiKey'>,
): Signs {
  if ('error' in result) {
    const slow = result.error instanceof WireFault && result.error.fault === 'timeout';
    return { kind: slow ? 'slow' : 'failed', advice: NO_ADVICE };
  }
  const { status, headers, body } = result.value;
  const signs = { kind: kindOf(status), advice: readAdvice(headers, Date.now()) };
  if (signs.kind !== 'rate-limited') return signs;
  const { message } = readServerWords(body, headerOf(headers, 'content-type'));
  return { ...signs, said: apiKey === null ? message : message.replaceAll(apiKey, '***') };
}

function kindOf(status: number): Signs['kind'] {
  if (status === 429) return 'rate-limited';
  if (status === 503) return 'overloaded';
  // A gateway that waited in vain.
  if (status === 504 || status === 408) return 'slow';
  return status >= 500 ? 'failed' : 'fine';
}
