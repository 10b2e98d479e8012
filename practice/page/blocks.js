// Block Kit as elements: what the concierge uses of it (Slack docs: Block Kit reference).
import { make } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";

/** What a post shows: its blocks, or else its text. `press(action_id)` is called for buttons. */
export function render(post, context, press) {
  if (!post.blocks.length) return [make("p", {}, ...mrkdwn(post.text, context))];
  return post.blocks.map((block) => renderBlock(block, context, press));
}

function renderBlock(block, context, press) {
  switch (block.type) {
    case "section":
      return section(block, context, press);
    case "header":
      return make("p", { class: "header" }, block.text.text);
    case "context":
      return make("p", { class: "context" }, ...block.elements.flatMap((each) => [...words(each, context), " "]));
    case "actions":
      return make("div", { class: "actions" }, ...block.elements.map((each) => button(each, press)));
    case "divider":
      return make("hr");
    default:
      return make("p", { class: "context" }, `(${block.type})`);
  }
}

function section(block, context, press) {
  const parts = [];
  if (block.text) parts.push(make("p", {}, ...words(block.text, context)));
  if (block.fields) {
    const fields = block.fields.map((field) => make("p", {}, ...words(field, context)));
    parts.push(make("div", { class: "fields" }, ...fields));
  }
  if (block.accessory) parts.push(button(block.accessory, press));
  return make("div", { class: "section" }, ...parts);
}

function words(text, context) {
  if (text.type === "image") return [text.alt_text];
  return text.type === "mrkdwn" ? mrkdwn(text.text, context) : [text.text];
}

function button(element, press) {
  const made = make("button", { type: "button", class: element.style || "" }, element.text.text);
  Object.assign(made.dataset, { testid: "message-button", action: element.action_id });
  if (element.accessibility_label) made.setAttribute("aria-label", element.accessibility_label);
  made.addEventListener("click", async () => {
    if (element.confirm && !window.confirm(element.confirm.text.text)) return;
    made.disabled = true;
    await press(element.action_id);
    made.disabled = false;
  });
  return made;
}
