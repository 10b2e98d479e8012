// HipChat's messages as elements: its HTML, or text with mentions (HipChat API v2).
import { make } from "./dom.js";

const TAGS = new Set(["b", "strong", "i", "em", "br", "code", "pre"]);

/** What a post shows. There are no buttons. */
export function render(post, context) {
  if (post.card) return [card(post.card)];
  return [make("p", {}, ...(post.format === "html" ? html(post.text) : plain(post.text, context)))];
}

function card(given) {
  const described = given.description || {};
  const words = described.format === "html" ? html(described.value) : [described.value || ""];
  return make("div", { class: "card" }, make("strong", {}, given.title), make("p", {}, ...words));
}

/** The nodes of HTML: of the tags that HipChat knows, the rest as its words. Nothing runs. */
function html(text) {
  return [...new DOMParser().parseFromString(text, "text/html").body.childNodes].flatMap(node);
}

function node(found) {
  if (found.nodeType === Node.TEXT_NODE) return [found.data];
  const inside = [...found.childNodes].flatMap(node);
  const tag = found.nodeName.toLowerCase();
  return TAGS.has(tag) ? [make(tag, {}, ...inside)] : inside;
}

function plain(text, context) {
  const parts = text.split(/((?<!\w)@[\w.-]+)/);
  return parts.map((part) => (context.names.has(part.slice(1)) ? make("span", { class: "mention" }, part) : part));
}
