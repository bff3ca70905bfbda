/** White space, controls, formats, halves of a character, unassigned and private code points, marks without a letter, the braille blank. */
const NOTHING_TO_SEE = /^[\p{White_Space}\p{C}\p{M}\p{Default_Ignorable_Code_Point}\u2800\uFFFD]*$/u;

/** Whether an answer holds nothing that a reader could see: a mute model may fill its answers with what only counts as text. */
export function isBlank(text: string): boolean {
  return NOTHING_TO_SEE.test(text);
}
