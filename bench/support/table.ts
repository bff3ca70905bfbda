/** Tables on a terminal: the first column to the left, figures to the right. */

export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)));
  for (const row of [header, ...rows]) {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    console.log(cells.join('  ').trimEnd());
  }
  console.log('');
}

/** A count or a mean of counts. */
export function whole(value: number | null): string {
  return value === null ? '' : Math.round(value).toLocaleString('en-US');
}

/** A share in per cent. */
export function share(value: number): string {
  return `${Number((value * 100).toFixed(2))} %`;
}
