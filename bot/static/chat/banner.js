/* One line about the connection, only when there is something to say. */
import { word } from "./parts.js";

const PATIENCE = 4000; // a shorter break is not worth a word
const FAREWELL = 2500;

export class Banner {
  constructor(root) {
    this.root = root;
    this.said = "";
    this.timer = 0;
    window.addEventListener("offline", () => this._say("offline"));
    window.addEventListener("online", () => this.said && this._say("reconnecting"));
  }

  /** Something did not get through. */
  trouble() {
    if (!navigator.onLine) this._say("offline");
    else if (this.said === "back") this._say("reconnecting");
    else if (!this.said && !this.timer) this.timer = setTimeout(() => this._say("reconnecting"), PATIENCE);
  }

  /** Something got through. */
  fine() {
    if (this.said === "back") return;
    const known = Boolean(this.said);
    this._say(known ? "back" : "");
    if (known) this.timer = setTimeout(() => this._say(""), FAREWELL);
  }

  _say(name) {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.said === name) return;
    this.said = name;
    this.root.classList.toggle("good", name === "back");
    this.root.textContent = name && word(name);
  }
}
