/** As models and chat templates mark thinking: `<think>`, now and then `<thinking>` or `<thought>`, Mistral's `[THINK]`. */
const OPENS = /<(?:think|thinking|thought)>|\[THINK\]/i;
const OPENS_FIRST = /^\s*(?:<(think|thinking|thought)>|\[THINK\])/i;
/** On a line of its own, as a model ends thinking that its chat template has begun. */
const CLOSES_ALONE = /(?:^|\n)[ \t]*(?:<\/(?:think|thinking|thought)>|\[\/THINK\])[ \t]*(?:\r?\n|$)/i;

/** An answer with the thinking that stands in front of it taken apart, where the server leaves both in one text. */
export interface Thought {
  readonly text: string;
  readonly reasoning: string | null;
  /** The thinking had no beginning: the chat template puts that in front of what the model says. */
  readonly unopened: boolean;
}

/**
 * Only thinking at the very beginning counts, up to the first mark of its end: anything else is part of the answer and is judged
 * with it. A block that never closes is all thinking and no answer. Without a beginning the mark of the end must stand on a line
 * of its own: one that is merely mentioned in an answer takes nothing from it.
 */
export function takeThinkingApart(text: string): Thought {
  const opening = OPENS_FIRST.exec(text);
  if (opening === null) return unopenedApart(text);
  const [mark, name] = opening;
  const inside = text.slice(mark.length);
  const closing = (name === undefined ? /\[\/THINK\]/i : new RegExp(`</${name}>`, 'i')).exec(inside);
  if (closing === null) return { text: '', reasoning: inside.trim(), unopened: false };
  const after = inside.slice(closing.index + closing[0].length);
  return { text: after.trimStart(), reasoning: inside.slice(0, closing.index).trim(), unopened: false };
}

function unopenedApart(text: string): Thought {
  const closing = CLOSES_ALONE.exec(text);
  const before = closing === null ? '' : text.slice(0, closing.index);
  if (closing === null || OPENS.test(before)) return { text, reasoning: null, unopened: false };
  const after = text.slice(closing.index + closing[0].length);
  return { text: after.trimStart(), reasoning: before.trim(), unopened: true };
}

/** The same for one model, which is known to think under its chat template's mark once it was seen to end thinking without one. */
export class ThinkingReader {
  #templateOpens = false;

  /** @param truncated cut at the token limit: without a mark of its end it is all thinking */
  read(text: string, truncated: boolean): Pick<Thought, 'text' | 'reasoning'> {
    const thought = takeThinkingApart(text);
    this.#templateOpens ||= thought.unopened;
    if (this.#templateOpens && truncated && thought.reasoning === null) return { text: '', reasoning: text.trim() };
    return thought;
  }
}
