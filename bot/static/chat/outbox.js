/* What was said and is not answered yet: one at a time, in order, tried again with the same id until it is taken. */
import { Backoff } from "./backoff.js";
import { keep, recall } from "./store.js";

const AUTOMATIC_TRIES = 12;

// crypto.randomUUID exists only on https and localhost.
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Tells "sending", "answered" ({messages}) and "missed" ({failure}), each with its {entry}. */
export class Outbox extends EventTarget {
  constructor(api) {
    super();
    this.api = api;
    this.backoff = new Backoff();
    this.waiting = recall("outbox", []).map((entry) => ({ ...entry, restored: true }));
    this.opened = false;
    this.sending = false;
    this.held = false; // the first one failed and waits for its next try
    this.timer = 0;
    window.addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => document.hidden || this.retry());
  }

  get idle() {
    return this.waiting.length === 0;
  }

  /** Nothing leaves before the history is shown, so that nothing is shown twice. */
  open() {
    this.opened = true;
    this.flush();
  }

  /** `body` is {text} or {choice}; `silent` shows no bubble. It leaves at the next flush. */
  add(body, { label = "", silent = false } = {}) {
    const entry = { id: newId(), body, label, silent };
    this.waiting.push(entry);
    this._keep();
    return entry;
  }

  /** Tries again now. */
  retry() {
    if (!this.held) return;
    clearTimeout(this.timer);
    this.held = false;
    this.flush();
  }

  async flush() {
    while (this.opened && !this.sending && !this.held && !this.idle) {
      this.sending = true;
      await this._send(this.waiting[0]);
      this.sending = false;
    }
  }

  async _send(entry) {
    this._tell("sending", { entry });
    try {
      const messages = await this.api.send(entry.body, entry.id);
      this.backoff.reset();
      this._drop(entry);
      this._tell("answered", { entry, messages });
    } catch (failure) {
      if (failure.lasting) this._drop(entry);
      else this._hold(failure.wait);
      this._tell("missed", { entry, failure });
    }
  }

  _hold(least) {
    this.held = true;
    if (this.backoff.tries >= AUTOMATIC_TRIES) return;
    this.timer = setTimeout(() => this.retry(), Math.max(least, this.backoff.next()));
  }

  _drop(entry) {
    this.waiting = this.waiting.filter((other) => other !== entry);
    this._keep();
  }

  _keep() {
    keep("outbox", this.waiting);
  }

  _tell(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }
}
