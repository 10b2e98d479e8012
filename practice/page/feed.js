// The channel as its platform would show it to one person.
import { capitalized, make, paint } from "./dom.js";
import { PLATFORMS, platformOf } from "./platforms.js";

const MOST = 300; // messages on the screen

/** Everything said so far, and the list that shows what one driver sees of it. */
export class Feed {
  constructor(list, { context, press }) {
    this.list = list;
    this.context = context;
    this.press = press;
    this.posts = new Map(); // by the number of a message's first post
    this.driver = "";
    this.last = 0;
    this.stuck = true; // to the end, until someone scrolls back
    list.addEventListener("scroll", () => (this.stuck = this.isAtEnd()), { passive: true });
    new ResizeObserver(() => this.settle(this.stuck)).observe(list);
  }

  /** Take in new posts; returns those that were not edits. */
  add(posts) {
    const fresh = [];
    for (const post of posts) {
      if (post.n <= this.last) continue;
      this.last = post.n;
      if (!post.edited) fresh.push(post);
      this.take(post);
    }
    if (posts.length) this.settle(this.stuck);
    return fresh;
  }

  /** Show another driver's screen; nothing of it is read out as new. */
  show(driver) {
    this.driver = driver;
    this.list.setAttribute("aria-live", "off");
    this.list.querySelectorAll("[data-n]").forEach((element) => element.remove());
    for (const post of this.posts.values()) this.place(post);
    this.settle(true);
    requestAnimationFrame(() => this.list.removeAttribute("aria-live"));
  }

  take(post) {
    const first = post.edited || post.n;
    const known = this.posts.get(first);
    const now = { ...post, n: first, at: known ? known.at : post.at, edited: Boolean(post.edited) };
    if (post.deleted) this.posts.delete(first);
    else this.posts.set(first, now);
    this.place(now);
  }

  /** Put a post in its place: after those before it, or over what it said until now. */
  place(post) {
    const there = this.list.querySelector(`[data-n="${post.n}"]`);
    const here = platformOf(post) === this.context.platforms[this.driver];
    const sees = here && !post.deleted && (post.to === "channel" || post.to === this.driver);
    if (there) {
      const focused = there.contains(document.activeElement);
      if (!sees) return there.remove();
      const made = this.message(post);
      there.replaceWith(made);
      if (focused) made.focus({ preventScroll: true });
    } else if (sees) {
      this.list.append(this.message(post));
    }
    return undefined;
  }

  message(post) {
    const platform = PLATFORMS[platformOf(post)];
    const kind = post.ephemeral ? "ephemeral" : post.to === "channel" ? "public" : "direct";
    const picture = make("span", { class: `picture ${post.by}`, "aria-hidden": "true" });
    if (post.by !== "bot") picture.textContent = post.by.charAt(0).toUpperCase();
    paint(picture, post.by);
    const body = make("div", { class: "words" }, ...platform.render(post, this.context, (action) => this.press(post.n, action)));
    return make(
      "article",
      { class: `message ${kind} ${post.color || ""} ${post.by === this.driver ? "mine" : ""}`, tabIndex: -1, data: { n: post.n, testid: "message", kind } },
      picture,
      make("div", { class: "said" }, this.heading(post, kind, platform), body),
    );
  }

  heading(post, kind, platform) {
    const parts = [make("strong", {}, this.author(post, platform))];
    if (post.by === "bot" && platform.app) parts.push(make("span", { class: "tag" }, platform.app));
    const at = new Date(post.at);
    parts.push(make("time", { dateTime: post.at, title: at.toISOString() }, this.context.time(at)));
    if (kind === "direct" && platform.direct !== "") parts.push(make("span", { class: "tag only" }, "direct message · only you"));
    if (kind === "ephemeral") parts.push(make("span", { class: "tag only" }, platform.only));
    if (post.thread) parts.push(make("span", { class: "tag" }, "in a thread"));
    if (post.edited) parts.push(make("span", { class: "edited" }, "(edited)"));
    return make("header", {}, ...parts);
  }

  author(post, platform) {
    if (post.by === "bot") return post.author?.username || "Concierge";
    return post.by === "slackbot" || post.by === "system" ? platform.system : capitalized(post.by);
  }

  isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    return scrollHeight - scrollTop - clientHeight < 80;
  }

  settle(stick) {
    const shown = this.list.querySelectorAll("[data-n]");
    for (let at = 0; at < shown.length - MOST; at += 1) shown[at].remove();
    this.list.querySelector(".empty").hidden = shown.length > 0;
    if (stick) this.list.scrollTop = this.list.scrollHeight;
  }
}
