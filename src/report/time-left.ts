/** "20 s to 3 min". Where both read alike nothing has spoken against it so far, and the next answer may. */
export function timeLeft({ least, most }: { readonly least: number; readonly most: number }): string {
  const [from, to] = [spell(least), spell(most)];
  return from === to ? `${from} or more` : `${from} to ${to}`;
}

export function spell(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
