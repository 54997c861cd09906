/* Where the reader looks: follows new messages only from the end of the log, else a pill leads to them. */

const NEAR = 72;
const MARGIN = 12;

export class Scroll {
  constructor(scroller, pill) {
    this.scroller = scroller;
    this.pill = pill;
    this.unread = null;
    this.following = true;
    scroller.addEventListener("scroll", () => this._moved(), { passive: true });
    pill.addEventListener("click", () => this._jump());
    pill.addEventListener("pointerdown", (event) => event.preventDefault()); // leaves the focus in the composer
    // A keyboard, a growing field, a turned phone or a late picture must not push the last message out of sight.
    const settle = () => this.following && this.toEnd();
    new ResizeObserver(settle).observe(scroller);
    scroller.addEventListener("load", settle, true);
  }

  get atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  /** Runs `change`, which gives back what is new, and shows that if the reader was at the end (or `always`). */
  around(change, { always = false } = {}) {
    const follow = always || this.atEnd;
    const element = change();
    if (!element) return;
    if (follow) this._show(element);
    else this._offer(element);
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.following = true;
  }

  /** To the end, but never past the beginning of the turn. */
  _show(element) {
    const { scroller } = this;
    const end = scroller.scrollHeight - scroller.clientHeight;
    const place = (element.closest(".turn") || element).getBoundingClientRect().top;
    const top = scroller.scrollTop + place - scroller.getBoundingClientRect().top - MARGIN;
    scroller.scrollTop = Math.min(end, top);
    this.following = top >= end;
  }

  _offer(element) {
    this.unread = this.unread || element;
    this.pill.hidden = false;
  }

  _jump() {
    const { unread } = this;
    if (document.activeElement === this.pill) this.scroller.focus({ preventScroll: true });
    this._seen();
    if (unread && unread.isConnected) this._show(unread);
    else this.toEnd();
  }

  _moved() {
    this.following = this.atEnd;
    if (this.following) this._seen();
  }

  _seen() {
    this.unread = null;
    this.pill.hidden = true;
  }
}
