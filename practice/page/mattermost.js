// Mattermost's Markdown and buttons as elements: what the concierge uses of them.
import { make } from "./dom.js";

const MARKUP = /\\([\\`*_[\]#|~>])|`([^`\n]+)`|\*\*([^\n]+?)\*\*|(?<![\w\\])@([a-z0-9][a-z0-9._-]*)/g;

/** What a post shows. `press(id)` is called for buttons. */
export function render(post, context, press) {
  const words = make("p", {}, ...markdown(post.text, context));
  if (!post.buttons?.length) return [words];
  const buttons = post.buttons.map((each) => button(each, press));
  return [words, make("div", { class: "attachment actions" }, ...buttons)];
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
