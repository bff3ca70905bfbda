import { closest, distance } from 'fastest-levenshtein';

/** No known name comes near this length. */
const LONGEST = 60;

/** The known name that a misspelt one most likely meant, or null when none is near (more than a third of it differs). */
export function nearest(found: string, known: readonly string[]): string | null {
  if (known.length === 0 || found.length > LONGEST) return null;
  const best = closest(found, known as string[]);
  return distance(found, best) <= Math.max(2, Math.floor(best.length / 3)) ? best : null;
}
