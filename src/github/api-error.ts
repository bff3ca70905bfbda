/** A request that GitHub answered with an error. */
export interface ApiFailure {
  readonly status: number;
  readonly message: string;
  /** GitHub uses 403 for rate limits too; those lack no permission. */
  readonly rateLimited: boolean;
}

/** Null for what is no answer of GitHub's: a broken connection, a bug. */
export function apiFailure(error: unknown): ApiFailure | null {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return null;
  const remaining = remainingRequests(error);
  const rateLimited = error.status === 429 || remaining === '0' || /secondary rate limit/i.test(error.message);
  return { status: error.status, message: firstLine(error.message), rateLimited };
}

export function isDenied(failure: ApiFailure | null): boolean {
  return failure !== null && !failure.rateLimited && [401, 403, 404].includes(failure.status);
}

export const LOCKED = 'The conversation is locked, and the token may not write there: unlock it.';

/** Refusals that no permission of a workflow would mend, by what GitHub says of them. */
const OTHER_CAUSES: readonly (readonly [words: RegExp, remedy: string])[] = [
  [
    /IP allow ?list|IP address is not permitted/i,
    'The organisation’s IP allow list keeps this runner out: have its address put on the list, or use a runner whose address is on it.',
  ],
  [/for migration/i, 'The repository is locked while it is moved elsewhere: run the gate there, or when that is over.'],
  [/locking-conversations|\blocked\b(?! branch)/i, LOCKED],
  [/\barchived\b/i, 'The repository is archived, so nothing can be written there: unarchive it.'],
  [
    /\bSAML\b|single sign-on|\bSSO\b/i,
    'The organisation demands single sign-on: authorise the token for it, or use the job’s own token.',
  ],
  [
    /access restrictions/i,
    'The organisation restricts access by third-party applications: have an owner approve this one, or use the job’s own token.',
  ],
  [
    /\b(blocked|suspended)\b/i,
    'The account or the App that the token belongs to is blocked or suspended: have an owner lift that, or use the job’s own token.',
  ],
  [
    /bad credentials/i,
    'The token is not valid, or no longer: an App’s lives for an hour. Make it in the step before the gate, or leave github-token out.',
  ],
];

/**
 * What would mend a refusal, as a sentence after a space: what GitHub says is the cause, else the permission that is missing.
 * Empty for what is none: a rate limit, a broken connection.
 * @param permission the sentence that names the permission
 */
export function remedyOf(error: unknown, permission: string): string {
  const failure = apiFailure(error);
  if (failure === null || failure.rateLimited || failure.status < 400 || failure.status >= 500) return '';
  const [, remedy = isDenied(failure) ? permission : ''] =
    OTHER_CAUSES.find(([words]) => words.test(failure.message)) ?? [];
  return remedy === '' ? '' : ` ${remedy}`;
}

/** Any error in one line. */
export function describeFailure(error: unknown): string {
  const failure = apiFailure(error);
  if (failure) return `${failure.status}: ${failure.message}`;
  return firstLine(error instanceof Error ? error.message : String(error));
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').slice(0, 300);
}

function remainingRequests(error: Error): unknown {
  const response = (error as { response?: { headers?: Record<string, unknown> } }).response;
  return response?.headers?.['x-ratelimit-remaining'];
}
