// Mattermost's Markdown and buttons as elements: what the concierge uses of them.
import { file } from "./blocks.js";
import { make } from "./dom.js";

const MARKUP = /\\([\\`*_[\]#|~>])|`([^`\n]+)`|\*\*([^\n]+?)\*\*|(?<![\w\\])@([a-z0-9][a-z0-9._-]*)/g;

/** What a post shows. `press(id)` is called for buttons. */
export function render(post, context, press) {
  const words = [...paragraphs(post.text, context), ...(post.files || []).map(file)];
  if (!post.buttons?.length) return words;
  const buttons = post.buttons.map((each) => button(each, press));
  return [...words, make("div", { class: "attachment actions" }, ...buttons)];
}

/** Text, and tables: lines that begin with a bar. */
function paragraphs(text, context) {
  const parts = [];
  for (const line of text.split("\n")) {
    const last = parts.at(-1);
    const isRow = line.startsWith("|");
    if (last && last.isRow === isRow) last.lines.push(line);
    else parts.push({ isRow, lines: [line] });
  }
  return parts
    .filter((part) => part.lines.some(Boolean))
    .map(({ isRow, lines }) => (isRow ? table(lines, context) : make("p", {}, ...markdown(lines.join("\n").trim(), context))));
}

function table(lines, context) {
  const cells = (line) => line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim());
  const [head, , ...rows] = lines.map(cells);
  const line = (row) => make("tr", {}, ...row.map((cell, at) => make(at ? "td" : "th", at ? {} : { scope: "row" }, ...markdown(cell, context))));
  const first = make("tr", {}, ...head.map((cell) => make("th", { scope: "col" }, cell)));
  return make("table", { class: "figures", data: { testid: "figures" } }, make("tbody", {}, first, ...rows.map(line)));
}

function markdown(text, context) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(MARKUP)) {
    const [whole, escaped, code, bold, name] = found;
    nodes.push(text.slice(from, found.index));
    from = found.index + whole.length;
    if (escaped) nodes.push(escaped);
    else if (code) nodes.push(make("code", {}, code));
    else if (bold) nodes.push(make("strong", {}, ...markdown(bold, context)));
    else nodes.push(context.names.has(name) ? make("span", { class: "mention" }, whole) : whole);
  }
  nodes.push(text.slice(from));
  return nodes;
}

function button({ id, name }, press) {
  const made = make("button", { type: "button" }, name);
  Object.assign(made.dataset, { testid: "message-button", action: id });
  made.addEventListener("click", async () => {
    made.disabled = true;
    await press(id);
    made.disabled = false;
  });
  return made;
}
