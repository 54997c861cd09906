/* What survives a reload of this tab: the draft and what is not sent yet. Works without storage, too. */

export function recall(key, otherwise) {
  try {
    return JSON.parse(sessionStorage.getItem(`youcai.${key}`)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function keep(key, value) {
  try {
    if (value === "" || value.length === 0) sessionStorage.removeItem(`youcai.${key}`);
    else sessionStorage.setItem(`youcai.${key}`, JSON.stringify(value));
  } catch {
    // Full or forbidden (private mode): the page goes on without it.
  }
}
