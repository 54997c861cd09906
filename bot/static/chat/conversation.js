/* What happens when: history first, then what was left unsent, then whatever is said, tapped or comes in later. */
import { Backoff } from "./backoff.js";
import { word } from "./parts.js";

const MENU = "menu";
const START = "start";
const LONG_SLEEP = 60000;
const PATIENCE = 1000;

export class Conversation {
  constructor(rooms) {
    Object.assign(this, rooms);
    this.bubbles = new Map(); // id of an entry in the outbox -> where it shows
    this.hiddenAt = 0;
    this.behind = false; // the page may show less, or other, than the service remembers
    this._listen();
  }

  async open() {
    const backoff = new Backoff();
    while (!(await this._catchUp())) await new Promise((done) => setTimeout(done, backoff.next()));
    this.outbox.waiting.forEach((entry) => this._show(entry));
    if (this.log.empty) this._show(this.outbox.add({ choice: START }, { silent: true }));
    this.outbox.open();
  }

  _listen() {
    const { composer, log, outbox, stream, banner } = this;
    composer.addEventListener("say", ({ detail }) => this._say({ text: detail }));
    composer.addEventListener("menu", ({ detail }) => this._say({ choice: MENU }, detail));
    log.root.addEventListener("click", ({ target }) => this._tap(target));
    outbox.addEventListener("sending", ({ detail }) => this._sending(detail));
    outbox.addEventListener("answered", ({ detail }) => this._answered(detail));
    outbox.addEventListener("missed", ({ detail }) => this._missed(detail));
    stream.addEventListener("heard", ({ detail }) => this._heard(detail));
    stream.addEventListener("connected", () => banner.fine());
    stream.addEventListener("lost", () => banner.trouble());
    document.addEventListener("visibilitychange", () => this._slept());
    window.addEventListener("pageshow", ({ persisted }) => persisted && this._refresh());
  }

  /** Draws what the service remembers and follows what comes after it. False when it did not get through. */
  async _catchUp() {
    try {
      const history = await this.api.history();
      if (this.log.redraw(history.turns, MENU)) this.scroll.toEnd();
      this.stream.open(history.last_event);
      this.behind = false;
      this.banner.fine();
      return true;
    } catch (failure) {
      this.banner.trouble();
      return false;
    }
  }

  /** Only when nothing is under way: a redraw would lose its bubble. */
  _refresh() {
    this.behind = true;
    if (this.outbox.opened && this.outbox.idle) this._catchUp();
  }

  _slept() {
    if (document.hidden) this.hiddenAt = Date.now();
    else if (Date.now() - this.hiddenAt > LONG_SLEEP) this._refresh();
  }

  _say(body, label = "") {
    const entry = this.outbox.add(body, { label });
    this.scroll.around(() => this._show(entry), { always: true });
    this.outbox.flush();
  }

  _tap(target) {
    if (target.closest(".again")) return this.outbox.retry();
    const button = target.closest(".choice");
    if (!button || button.getAttribute("aria-disabled")) return undefined;
    button.setAttribute("aria-disabled", "true");
    const { choice, label } = button.dataset;
    this._show(this.outbox.add({ choice }, { label }), button);
    return this.outbox.flush();
  }

  /** A tap shows on its button first; its bubble waits, since the card itself may turn into the answer. */
  _show(entry, button = null) {
    const turn = this.log.turn();
    const said = entry.silent ? null : this.log.said(turn, entry.body.text || entry.label);
    if (said && this.outbox.waiting[0] !== entry) this.log.mark(said, "waiting", word("waiting"));
    turn.hidden = entry.silent || Boolean(button);
    const bubble = { turn, said, button };
    if (button) bubble.timer = setTimeout(() => this._reveal(bubble), PATIENCE);
    this.bubbles.set(entry.id, bubble);
    return turn;
  }

  _reveal({ turn, said }) {
    if (!said || !turn.hidden) return;
    const show = () => {
      turn.hidden = false;
      return turn;
    };
    this.scroll.around(show, { always: true });
  }

  _sending({ entry }) {
    const { said } = this.bubbles.get(entry.id);
    if (said) this.log.mark(said, "sent");
    this.typing.start((change) => this.scroll.around(change));
  }

  _answered({ entry, messages }) {
    const { turn, button } = this._settle(entry);
    this.banner.fine();
    if (entry.restored) {
      this.typing.stop();
      this.behind = true; // the history drawn before may hold it already: drawn again it shows it once
    } else {
      this._answer(turn, messages, button);
    }
    if (this.behind) this._refresh();
  }

  _answer(turn, messages, button) {
    const tapped = button && button.closest(".card");
    const inPlace = Boolean(tapped) && messages.some((one) => one.in_place);
    const focused = inPlace && tapped.contains(document.activeElement);
    const change = () => {
      this.typing.stop();
      if (inPlace) turn.querySelector(".said").remove();
      turn.hidden = false;
      return this.log.heard(turn, messages, { tapped });
    };
    if (inPlace) {
      const first = change();
      if (focused) (first.querySelector(".choice") || this.composer.field).focus({ preventScroll: true });
    } else {
      this.scroll.around(change, { always: Boolean(button) });
    }
    this.attention.heard(messages.length);
  }

  _missed({ entry, failure }) {
    const bubble = failure.lasting ? this._settle(entry) : this.bubbles.get(entry.id);
    this.typing.stop();
    this._reveal(bubble);
    if (!failure.sentence) this.banner.trouble();
    if (!bubble.said) return;
    const retry = failure.sentence ? word("retry_because", { reason: failure.sentence }) : word("retry");
    if (failure.lasting) this.log.mark(bubble.said, "refused", failure.sentence || word("refused"));
    else this.log.mark(bubble.said, "missed", retry);
  }

  /** It is out of the outbox. */
  _settle(entry) {
    const bubble = this.bubbles.get(entry.id);
    this.bubbles.delete(entry.id);
    clearTimeout(bubble.timer);
    if (bubble.button) bubble.button.removeAttribute("aria-disabled");
    return bubble;
  }

  _heard(message) {
    this.scroll.around(() => this.log.heard(this.log.turn(), [message]));
    this.attention.heard();
  }
}
