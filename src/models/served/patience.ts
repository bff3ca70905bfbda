/** A server whose slowest reply took this share of the time limit is slow; one that is usually quicker only lost a reply. */
const SLOW_SHARE = 1 / 4;
/** So much longer than the setting at most, where replies came, and where none ever did. */
const MOST_TIMES = 8;
const MOST_TIMES_UNANSWERED = 4;

/** How long one reply is waited for: the setting, and longer once the server shows itself to be slow rather than gone. */
export class Patience {
  #seconds: number;
  #slowest = 0;

  constructor(private readonly asked: number) {
    this.#seconds = asked;
  }

  get seconds(): number {
    return this.#seconds;
  }

  get raised(): boolean {
    return this.#seconds > this.asked;
  }

  replied(afterSeconds: number): void {
    this.#slowest = Math.max(this.#slowest, afterSeconds);
  }

  /**
   * A request was given up after so many seconds.
   * @returns whether it is worth asking again: not where longer waiting helped nothing
   */
  late(afterSeconds: number): boolean {
    // Meanwhile another request has found the server slow.
    if (afterSeconds < this.#seconds) return true;
    const unanswered = this.#slowest === 0;
    if (!unanswered && this.#slowest < afterSeconds * SLOW_SHARE) return true;
    const most = this.asked * (unanswered ? MOST_TIMES_UNANSWERED : MOST_TIMES);
    const before = this.#seconds;
    this.#seconds = Math.max(before, Math.min(2 * before, most));
    return this.#seconds > before;
  }

  /** @param name of the setting. @returns its value, and what became of it */
  words(name: string): string {
    const raised = this.raised ? `, raised to ${this.#seconds} s as the server seemed slow` : '';
    return `${name} is ${this.asked} s${raised}`;
  }
}
