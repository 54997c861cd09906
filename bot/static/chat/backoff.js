/* How long to wait before the next try: doubling, never above the top, with jitter so that a crowd spreads out. */

export class Backoff {
  constructor(first = 1000, top = 30000) {
    this.first = first;
    this.top = top;
    this.tries = 0;
  }

  next() {
    const wait = Math.min(this.top, this.first * 2 ** this.tries);
    this.tries += 1;
    return wait * (0.8 + Math.random() * 0.4);
  }

  reset() {
    this.tries = 0;
  }
}
