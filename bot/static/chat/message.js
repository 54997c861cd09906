/* One message as a card: its words, its sources, its files, its buttons. Whatever it holds is shown as text. */
import { icon, part, word } from "./parts.js";

const ADDRESS = /https?:\/\/[^\s<>"'，。；：！？、（）【】《》“”‘’]+/g;
const QUOTE = /^「[^「」]+」$/;
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"];
const MARKS = { "👍": "useful", "👎": "useless" };

export function card({ text, citations = [], attachments = [], buttons = [] }) {
  const element = part("card");
  const bubble = element.querySelector(".bubble");
  bubble.querySelector(".words").append(...paragraphs(text));
  if (citations.length) bubble.append(group("citations", citations.map(citation)));
  element.append(...attachments.map(attachment));
  if (buttons.length) element.append(group("buttons", buttons.map(button)));
  return element;
}

/** What stands between blank lines; one wholly in 「」 is a quotation. */
export function paragraphs(text) {
  return text.split(/\n{2,}/).map((one) => {
    const element = document.createElement("p");
    element.classList.toggle("quote", QUOTE.test(one));
    element.append(linked(one));
    return element;
  });
}

/** Text in which addresses of this very site can be followed; all others stay text. */
function linked(text) {
  const pieces = document.createDocumentFragment();
  let end = 0;
  for (const found of text.matchAll(ADDRESS)) {
    if (!isOurs(found[0])) continue;
    pieces.append(text.slice(end, found.index), anchor(found[0]));
    end = found.index + found[0].length;
  }
  pieces.append(text.slice(end));
  return pieces;
}

function anchor(address) {
  const element = document.createElement("a");
  element.href = address;
  element.textContent = address;
  element.target = "_blank";
  element.rel = "noopener";
  return element;
}

function isOurs(address) {
  try {
    return new URL(address, location.href).origin === location.origin;
  } catch {
    return false;
  }
}

function group(name, children) {
  const element = part(name);
  element.append(...children);
  return element;
}

/** The mark before a label is drawn here, since phones draw it in very different ways or not at all. */
function button({ label, choice }) {
  const element = part("button");
  const [mark, ...rest] = label.split(" ");
  element.dataset.choice = choice;
  element.dataset.label = label;
  if (MARKS[mark] && rest.length) element.append(icon(MARKS[mark]), rest.join(" "));
  else element.textContent = label;
  return element;
}

function citation(one) {
  const element = part("citation");
  const fill = (name, text) => {
    element.querySelector(name).textContent = text;
  };
  fill(".title", one.document);
  fill(".number", one.number);
  fill(".label", one.label);
  fill(".term", word(one.in_force ? "in_force" : "expired"));
  fill("blockquote", one.text);
  fill(".validity", one.validity || "");
  element.classList.toggle("expired", !one.in_force);
  return element;
}

function attachment({ name, type, url }) {
  const picture = PICTURES.includes(type);
  const safe = isOurs(url) || url.startsWith(`data:${type};`);
  const element = part(picture && safe ? "image" : "file");
  element.querySelector(".name").textContent = name;
  if (picture && safe) Object.assign(element.querySelector("img"), { src: url, alt: name });
  const link = element.matches("a") ? element : element.querySelector("a");
  if (safe) Object.assign(link, { href: url, download: name });
  return element;
}
