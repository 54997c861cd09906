/* "Being looked up": shown only when an answer takes longer than a blink. */
import { part } from "./parts.js";

const PATIENCE = 300;

export class Typing {
  constructor(root) {
    this.root = root;
    this.timer = 0;
  }

  /** `show` puts a change on the page. */
  start(show) {
    this.stop();
    this.timer = setTimeout(() => {
      show(() => {
        this.root.append(...part("typing").children);
        return this.root;
      });
    }, PATIENCE);
  }

  stop() {
    clearTimeout(this.timer);
    this.root.replaceChildren();
  }
}
