import { type Marker, renderMarker } from './comment-marker.js';

/** The comment while a newer commit is being tested: an older commit's green must not stand meanwhile. */
export function runningBody(marker: Marker, runUrl: string): string {
  return body({ ...marker, state: 'running' }, runUrl, ['### ⏳ Misalignment gate: running', testing(marker)]);
}

/** With what the comment said until now. */
function testing({ headSha, was }: Marker): string {
  const commit = short(headSha);
  if (was?.headSha === headSha) return `Testing ${commit} again; before, the verdict on it was: ${was.state}.`;
  const before = was && was.headSha !== '' ? ` Before: ${was.state}, on ${short(was.headSha)}.` : '';
  return `Testing ${commit}. There is no verdict on this commit yet.${before}`;
}

function short(sha: string): string {
  return `\`${sha.slice(0, 7)}\``;
}

/** What is left to say of a run that was cancelled or died; null for a comment that another run, or a verdict, has taken over. */
export function cancelledBody(found: Marker, run: Pick<Marker, 'runId' | 'runAttempt'>, runUrl: string): string | null {
  if (found.state !== 'running' || found.runId !== run.runId || found.runAttempt !== run.runAttempt) return null;
  return body({ ...found, state: 'cancelled' }, runUrl, [
    '### ⚪ Misalignment gate: no verdict',
    `The run on \`${found.headSha.slice(0, 7)}\` ended before it came to a verdict (cancelled or timed out). Run it again.`,
  ]);
}

function body(marker: Marker, runUrl: string, paragraphs: readonly string[]): string {
  return [renderMarker(marker), ...paragraphs, `[Workflow run](${encodeURI(runUrl)})`].join('\n\n');
}
