// The little that the page needs to build and change its elements.
// People's words only ever become text nodes.

/** An element; `given` are properties, `dataset`, `class`, or attributes with a dash or colon. */
export function make(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(given)) {
    if (key === "class") element.className = value;
    else if (key === "data") Object.assign(element.dataset, value);
    else if (key.includes("-") || key === "role") element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children);
  return element;
}

/** A drawing: one of the symbols of the page. */
export function draw(symbol, name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${symbol}`);
  svg.setAttribute("class", name);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** Change a text only when it differs, so that selections and screen readers stay calm. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Change the options of a select only when they differ; the choice stays. */
export function setOptions(select, options) {
  const key = JSON.stringify(options);
  if (select.dataset.options === key) return;
  const chosen = select.value;
  select.replaceChildren(...options.map(([value, label]) => make("option", { value }, label)));
  select.dataset.options = key;
  if (options.some(([value]) => value === chosen)) select.value = chosen;
}

const places = new Map();

/** Give everybody a hue; the golden angle keeps the first few far apart. */
export function know(names) {
  names.forEach((name, at) => places.set(name, at));
}

/** The hue that a name has everywhere: of its car, and of its picture. */
export function paint(element, name) {
  element.style.setProperty("--hue", String((270 + (places.get(name) ?? 500) * 137.5) % 360));
}

export const capitalized = (name) => name.charAt(0).toUpperCase() + name.slice(1);
