/* Later messages (notices, answers of staff) as they come; opened again after every break, from the last one seen. */
import { Backoff } from "./backoff.js";

/** Tells "connected", "lost" and "heard" (the message). */
export class Stream extends EventTarget {
  constructor(address) {
    super();
    this.address = address;
    this.last = 0;
    this.backoff = new Backoff();
    this.source = null;
    this.timer = 0;
    window.addEventListener("online", () => this.source || this.open());
    window.addEventListener("pagehide", () => this.close());
  }

  /** Opens, or opens again. `after` is the last event that the history holds. */
  open(after = 0) {
    this.close();
    this.last = Math.max(this.last, after);
    this.source = new EventSource(`${this.address}?after=${this.last}`);
    this.source.addEventListener("open", () => {
      this.backoff.reset();
      this.dispatchEvent(new Event("connected"));
    });
    this.source.addEventListener("message", (event) => this._take(event));
    // A refusal ends an EventSource for good, and its own next try would ask for the old ?after: we open a new one.
    this.source.addEventListener("error", () => {
      this.close();
      this.dispatchEvent(new Event("lost"));
      this.timer = setTimeout(() => this.open(), this.backoff.next());
    });
  }

  close() {
    clearTimeout(this.timer);
    if (this.source) this.source.close();
    this.source = null;
  }

  _take(event) {
    const id = Number(event.lastEventId);
    if (id && id <= this.last) return;
    this.last = Math.max(this.last, id);
    this.dispatchEvent(new CustomEvent("heard", { detail: JSON.parse(event.data) }));
  }
}
