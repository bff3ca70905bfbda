import type { Refused } from '../model.js';
import { type ChatRequest, type Dialect, FIRST_DIALECT, joined } from './dialect.js';

/** As the sampling table calls where system prompts stand. */
export const SYSTEM_PROMPT = 'system prompt';

/** The dialect of one server as it is learned, and how many replies were had before that. */
export class Spoken {
  #now: Dialect = FIRST_DIALECT;
  #counting = false;
  readonly #listeners: ((refused: Refused) => void)[] = [];
  readonly #sent = new Map<string, number>();
  readonly #late = new Set<string>();
  readonly #adopted = new Set<string>();

  get now(): Dialect {
    return this.#now;
  }

  /** What was refused stays refused, whatever becomes of the request: its next wording may fail for another reason. */
  learn(dialect: Partial<Dialect>): void {
    const before = this.#now;
    this.#now = joined(before, { ...before, ...dialect });
    const news = [
      ...this.#now.leftOut.filter((name) => !before.leftOut.includes(name)),
      ...(this.#now.system === before.system ? [] : [SYSTEM_PROMPT]),
    ];
    if (news.length === 0) return;
    if (this.#counting) for (const name of news) this.#late.add(name);
    for (const listener of this.#listeners) listener(this.#now);
  }

  /** What another server refused is left out here too. */
  adopt({ leftOut, system }: Refused): void {
    for (const name of leftOut) if (!this.#now.leftOut.includes(name)) this.#adopted.add(name);
    this.learn({ leftOut, system });
  }

  /** Fields that this server itself refused. */
  get refused(): readonly string[] {
    return this.#now.leftOut.filter((name) => !this.#adopted.has(name));
  }

  /** From now on replies are answers that count: `listener` hears what is refused. */
  follow(listener: (refused: Refused) => void): void {
    this.#counting = true;
    this.#listeners.push(listener);
  }

  /** A reply to a request that was put in this dialect. */
  answered({ fields, messages }: ChatRequest, { leftOut, system }: Dialect): void {
    if (!this.#counting) return;
    const sent = Object.keys(fields).filter((name) => !leftOut.includes(name));
    const asMessage = system === 'message' && messages[0]?.role === 'system' ? [SYSTEM_PROMPT] : [];
    for (const name of [...sent, ...asMessage]) this.#sent.set(name, (this.#sent.get(name) ?? 0) + 1);
  }

  /** What was given up only after answers had begun, with how many of them were drawn with it. */
  get late(): ReadonlyMap<string, number> {
    return new Map([...this.#late].map((name) => [name, this.#sent.get(name) ?? 0]));
  }
}
