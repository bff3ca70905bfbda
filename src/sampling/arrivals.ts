/** A fixed number of values in the order in which they come. */
export class Arrivals<T> {
  readonly #waiting: T[] = [];
  #wake: () => void = () => {};
  #left: number;

  constructor(total: number) {
    this.#left = total;
  }

  push(value: T): void {
    this.#waiting.push(value);
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    while (this.#left > 0) {
      if (this.#waiting.length === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      for (const value of this.#waiting.splice(0)) {
        this.#left -= 1;
        yield value;
      }
    }
  }
}
