interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

/** A condition to wait for, which comes and goes with the connection. A failure tells those who wait; it may still open later. */
export class Gate {
  #isOpen = false;
  #failure: Error | undefined;
  #waiters: Waiter[] = [];

  wait(): Promise<void> {
    if (this.#isOpen) return Promise.resolve();
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  open(): void {
    this.#isOpen = true;
    this.#failure = undefined;
    for (const { resolve } of this.#waiters.splice(0)) resolve();
  }

  shut(): void {
    this.#isOpen = false;
  }

  /** Also for those who come to wait later, until it opens. True when it had not failed already. */
  fail(error: Error): boolean {
    const first = this.#failure === undefined;
    this.#failure = error;
    for (const { reject } of this.#waiters.splice(0)) reject(error);
    return first;
  }
}
