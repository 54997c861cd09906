/* The log of turns: what the person said and, under it, what we answered. */
import { card, paragraphs } from "./message.js";
import { part, word } from "./parts.js";

const CLOCK = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
const DAY = new Intl.DateTimeFormat("zh-CN", { month: "long", day: "numeric", weekday: "short" });

export class Log {
  constructor(root) {
    this.root = root;
  }

  get empty() {
    return this.root.childElementCount === 0;
  }

  /** A turn at the end of the log, with the day above it where a new one begins. */
  turn(at = new Date()) {
    const element = part("turn");
    const last = this.root.lastElementChild;
    element.dataset.day = at.toDateString();
    if (!last || last.dataset.day !== element.dataset.day) element.append(dayLine(at));
    this.root.append(element);
    return element;
  }

  said(turn, text) {
    const element = part("said");
    element.querySelector(".words").append(...paragraphs(text));
    turn.append(element);
    return element;
  }

  /** Shows messages in their turn; one meant to be in place takes the place of `tapped`. Gives back the first card. */
  heard(turn, messages, { at = new Date(), tapped = null } = {}) {
    this.root.querySelectorAll(".latest").forEach((older) => older.classList.remove("latest"));
    const cards = messages.map((message) => {
      const element = card(message);
      element.classList.add("latest", "arriving");
      if (message.in_place && tapped && tapped.isConnected) tapped.replaceWith(element);
      else place(turn, at).append(element);
      return element;
    });
    if (!turn.querySelector(".said, .card")) turn.remove();
    return cards[0];
  }

  /** How a bubble fares: "sent", "waiting", "missed" (its sentence is a button that retries) or "refused". */
  mark(said, state, sentence = "") {
    const note = said.querySelector(".state");
    const again = said.querySelector(".again");
    said.className = `said ${state}`;
    again.hidden = state !== "missed";
    again.querySelector("span").textContent = sentence;
    note.hidden = !sentence || !again.hidden;
    note.textContent = sentence;
  }

  /** Draws a whole history, unread aloud. False when the page shows just that already. */
  redraw(turns, menu) {
    const before = [...this.root.children];
    const shown = words(this.root);
    this.root.setAttribute("aria-live", "off");
    this.root.replaceChildren();
    turns.forEach((turn) => this._past(turn, menu));
    this.root.querySelectorAll(".arriving").forEach((one) => one.classList.remove("arriving"));
    const changed = !shown.endsWith(words(this.root));
    if (!changed && before.length) this.root.replaceChildren(...before);
    setTimeout(() => this.root.setAttribute("aria-live", "polite"), 100);
    return changed;
  }

  _past({ at, said, messages }, menu) {
    const moment = new Date(at);
    const tapped = this._tapped(said, menu);
    const turn = this.turn(moment);
    const text = said && (said.text || said.label);
    if (text && !(tapped && messages.some((one) => one.in_place))) this.said(turn, text);
    this.heard(turn, messages, { at: moment, tapped });
  }

  /** The card a past tap was made on: the last one, when it has that button. The menu is mostly called from below. */
  _tapped(said, menu) {
    if (!said || !said.choice || said.choice === menu) return null;
    const last = [...this.root.querySelectorAll(".card")].pop();
    const buttons = last ? [...last.querySelectorAll(".choice")] : [];
    return buttons.some((button) => button.dataset.choice === said.choice) ? last : null;
  }
}

/** The block of our answers in a turn; made with its hour at the first one. */
function place(turn, at) {
  const there = turn.querySelector(".heard");
  if (there) return there;
  const element = part("heard");
  setTime(element.querySelector("time"), at.toISOString(), CLOCK.format(at));
  turn.append(element);
  return element;
}

function words(root) {
  return [...root.querySelectorAll(".words")].map((one) => one.textContent).join("\u0000");
}

function dayLine(at) {
  const element = part("day");
  setTime(element.querySelector("time"), at.toISOString(), dayName(at));
  return element;
}

function dayName(at) {
  const daysAgo = (days) => {
    const day = new Date();
    day.setDate(day.getDate() - days);
    return day.toDateString();
  };
  if (at.toDateString() === daysAgo(0)) return word("today");
  return at.toDateString() === daysAgo(1) ? word("yesterday") : DAY.format(at);
}

function setTime(element, machine, human) {
  element.dateTime = machine;
  element.textContent = human;
}
