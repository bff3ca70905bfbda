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
