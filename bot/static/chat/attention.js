/* Tells by the tab's title that something new came while the reader was elsewhere. */
import { word } from "./parts.js";

export class Attention {
  constructor() {
    this.title = document.title;
    this.unseen = 0;
    document.addEventListener("visibilitychange", () => document.hidden || this._seen());
  }

  heard(count = 1) {
    if (!document.hidden) return;
    this.unseen += count;
    document.title = word("title", { n: this.unseen, title: this.title });
  }

  _seen() {
    this.unseen = 0;
    document.title = this.title;
  }
}
