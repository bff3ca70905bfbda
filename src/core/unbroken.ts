/**
 * A figure and its "%" stay on one line, wherever it is broken: in a table's cell, in a log, on a terminal. Done where text
 * leaves us, so that sentences are written with plain blanks and machines read these.
 */
export function unbroken(text: string): string {
  // A text may go on behind a figure that stands in another node.
  return text.replace(/(?<=^|\d) (?=%)/g, '\u00a0');
}
