const OPENS = '<think>';
const CLOSES = '</think>';

/** An answer with the thinking that stands in front of it taken apart, where the server leaves both in one text. */
export interface Thought {
  readonly text: string;
  readonly reasoning: string | null;
}

/**
 * Only a block at the very beginning counts: anywhere else it is part of the answer and is judged with it. A block that never
 * closes is all thinking and no answer.
 */
export function takeThinkingApart(text: string): Thought {
  const trimmed = text.trimStart();
  if (!trimmed.startsWith(OPENS)) return { text, reasoning: null };
  const end = trimmed.indexOf(CLOSES);
  if (end < 0) return { text: '', reasoning: trimmed.slice(OPENS.length).trim() };
  return { text: trimmed.slice(end + CLOSES.length).trimStart(), reasoning: trimmed.slice(OPENS.length, end).trim() };
}
