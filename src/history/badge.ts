import type { VerdictName } from '../verdict/verdict.js';
import type { HistoryRecord } from './record.js';

const COLORS: Readonly<Record<VerdictName, string>> = {
  pass: 'brightgreen',
  fail: 'red',
  inconclusive: 'yellow',
  skipped: 'lightgrey',
  bypassed: 'orange',
};

/** Shields' endpoint form (https://shields.io/badges/endpoint-badge): our own words and a date, nothing from outside. */
export function renderBadge({ verdict, finishedAt }: HistoryRecord): string {
  const message = `${verdict}, ${finishedAt.slice(0, 10)}`;
  const badge = { schemaVersion: 1, label: 'misalignment gate', message, color: COLORS[verdict] };
  return `${JSON.stringify(badge, null, 2)}\n`;
}

/**
 * `badge.json`; one for each gate that has a name or a matrix of its own, or is a later step of its job.
 * @param step its number among the job's steps, from the second on
 */
export function badgePath(commentKey: string | null, matrixKey: string | null, step: string | null): string {
  const parts = [commentKey ?? step ?? '', matrixKey === 'null' ? '' : (matrixKey ?? '')];
  const words = parts.join(' ').toLowerCase();
  const slug = words
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 80);
  return slug === '' ? 'badge.json' : `badge-${slug}.json`;
}
