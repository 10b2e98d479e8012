// The control API of the practice car park.

/** An answer that is no success; its message is for people. */
export class Refused extends Error {}

/** GET a JSON value. Throws Refused. */
export async function get(path) {
  return read(await fetch(`/practice/${path}`, { cache: "no-store" }));
}

/** POST a JSON value. Throws Refused. */
export async function post(path, body = {}) {
  const headers = { "Content-Type": "application/json" };
  return read(await fetch(`/practice/${path}`, { method: "POST", headers, body: JSON.stringify(body) }));
}

async function read(response) {
  if (response.ok) return response.json();
  const { error } = await response.json().catch(() => ({}));
  throw new Refused(error || `HTTP ${response.status}`);
}
