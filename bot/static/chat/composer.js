/* Where the person writes: Enter sends, Shift+Enter breaks the line, a composing IME is left alone, a draft survives. */
import { word } from "./parts.js";
import { keep, recall } from "./store.js";

const WARN_BELOW = 100;

/** Tells "say" (the text) and "menu" (the button's label). */
export class Composer extends EventTarget {
  constructor(form) {
    super();
    this.form = form;
    this.field = form.querySelector("textarea");
    this.send = form.querySelector(".send");
    this.menu = form.querySelector(".menu");
    this.count = form.querySelector(".count");
    this.limit = Number(this.field.dataset.limit);
    this.field.value = recall("draft", "");
    this.field.addEventListener("input", () => this._changed());
    this.field.addEventListener("keydown", (event) => this._key(event));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this._submit();
    });
    this.menu.addEventListener("click", () => this._tell("menu", this.menu.textContent.trim()));
    // A tap on the button must not take the focus, or the phone's keyboard would close and open again.
    this.send.addEventListener("pointerdown", (event) => event.preventDefault());
    [this.field, this.send, this.menu].forEach((one) => one.removeAttribute("disabled"));
    this._changed();
    if (matchMedia("(hover: hover) and (pointer: fine)").matches) this.field.focus({ preventScroll: true });
  }

  get _over() {
    return [...this.field.value].length - this.limit;
  }

  _key(event) {
    const composing = event.isComposing || event.keyCode === 229; // Safari ends the composition before its Enter
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    this._submit();
  }

  _submit() {
    const text = this.field.value.trim();
    this.field.focus({ preventScroll: true });
    if (!text || this._over > 0) return;
    this.field.value = "";
    this._changed();
    this._tell("say", text);
  }

  _changed() {
    const { field } = this;
    keep("draft", field.value);
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
    const over = this._over;
    this.send.setAttribute("aria-disabled", String(!field.value.trim() || over > 0));
    field.setAttribute("aria-invalid", String(over > 0));
    this.count.classList.toggle("over", over > 0);
    this.count.textContent = this._sentence(over);
  }

  _sentence(over) {
    if (over > 0) return word("too_long", { n: over, limit: this.limit });
    return -over < WARN_BELOW ? word("count", { n: -over }) : "";
  }

  _tell(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }
}
