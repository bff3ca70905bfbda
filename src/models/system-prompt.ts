import type { Message } from '../battery/battery.js';

/** Many chat templates take one system message only: the user's own stands first in it. Empty adds none. */
export function withSystem(system: string, messages: readonly Message[]): readonly Message[] {
  const [first, ...rest] = messages;
  if (system === '') return messages;
  if (first?.role !== 'system') return [{ role: 'system', content: system }, ...messages];
  return [{ role: 'system', content: `${system}\n\n${first.content}` }, ...rest];
}
