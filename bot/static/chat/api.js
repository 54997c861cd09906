/* The three addresses of the service, and what a failure means for the next try. */

const TIMEOUT = 25000;

/** `sentence` is what the service said, or "". `lasting`: the same request will never be taken. */
export class Failure extends Error {
  constructor({ sentence = "", lasting = false, wait = 0, network = false } = {}) {
    super(sentence || "not sent");
    Object.assign(this, { sentence, lasting, wait, network });
  }
}

async function call(path, options) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT);
  try {
    const response = await fetch(path, { credentials: "same-origin", cache: "no-store", signal: stop.signal, ...options });
    if (!response.ok) throw await failed(response);
    return await response.json();
  } catch (error) {
    throw error instanceof Failure ? error : new Failure({ network: true });
  } finally {
    clearTimeout(timer);
  }
}

async function failed(response) {
  const body = await response.json().catch(() => ({}));
  const status = response.status;
  return new Failure({
    sentence: typeof body.error === "string" ? body.error : "",
    lasting: status >= 400 && status < 500 && ![408, 409, 425, 429].includes(status),
    wait: 1000 * (Number(response.headers.get("Retry-After")) || 0),
  });
}

export const api = {
  /** `body` is {text} or {choice}; the same `updateId` twice does nothing twice. */
  async send(body, updateId) {
    const answer = await call("/chat/messages", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...body, update_id: updateId }),
    });
    return answer.messages;
  },

  history() {
    return call("/chat/history");
  },
};
