// Does the work that a form asks for while its page is shown (ALTCHA's proof of work, version 2:
// the number whose key, derived by PBKDF2, begins with given digits), and sends the form again.
// Without this script, or where the browser cannot derive keys, the question on the page does.
"use strict";

(() => {
  const AT_ONCE = 16;
  const box = document.querySelector("[data-challenge]");
  const form = box && box.closest("form");
  if (!form || !window.crypto || !window.crypto.subtle) {
    return;
  }
  const challenge = JSON.parse(box.dataset.challenge);
  const asked = challenge.parameters;
  const salt = bytes(asked.salt);
  const nonce = bytes(asked.nonce);
  const field = form.elements.namedItem("altcha");
  const status = box.querySelector("[data-working]");
  let sent = false;

  function bytes(hex) {
    return Uint8Array.from(hex.match(/../g) || [], (pair) => parseInt(pair, 16));
  }

  function hex(buffer) {
    return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function derived(counter) {
    const password = new Uint8Array(nonce.length + 4);
    password.set(nonce);
    new DataView(password.buffer).setUint32(nonce.length, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: asked.cost };
    return hex(await crypto.subtle.deriveBits(how, key, asked.keyLength * 8));
  }

  async function solution() {
    for (let first = 0; ; first += AT_ONCE) {
      const counters = Array.from({ length: AT_ONCE }, (_, step) => first + step);
      const keys = await Promise.all(counters.map(derived));
      const found = keys.findIndex((key) => key.startsWith(asked.keyPrefix));
      if (found >= 0) {
        return { counter: counters[found], derivedKey: keys[found] };
      }
    }
  }

  form.addEventListener("submit", () => {
    sent = true;
  });
  window.addEventListener("pageshow", () => {
    sent = false;
  });
  if (status) {
    status.textContent = status.dataset.working;
  }
  solution().then((found) => {
    field.value = btoa(JSON.stringify({ challenge, solution: found }));
    if (box.dataset.sends === "yes" && !sent) {
      form.requestSubmit();
    }
  });
})();
