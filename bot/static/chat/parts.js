/* The page's own words and pieces, as templates/web/ wrote them. Everything filled in is text, never markup. */

const words = {};
for (const one of document.getElementById("words").content.querySelectorAll("[data-word]")) {
  words[one.dataset.word] = one.textContent;
}

/** A sentence of the page: word("count", {n: 12}). */
export function word(name, values = {}) {
  return words[name].replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
}

/** A fresh copy of <template id="part-NAME">. */
export function part(name) {
  return document.getElementById(`part-${name}`).content.firstElementChild.cloneNode(true);
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "use"));
  svg.firstChild.setAttribute("href", `#icon-${name}`);
  return svg;
}
