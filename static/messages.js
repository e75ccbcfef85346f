// The moderator's keys: J and K walk through the messages, A approves, H hides, U takes the last
// decision back. They work while a message has the focus, and never while somebody types. Without
// this script every button is there for the Tab key.
"use strict";

(() => {
  const queue = document.querySelector("[data-queue]");
  if (!queue) {
    return;
  }
  const messages = Array.from(queue.querySelectorAll("article"));
  const hint = document.querySelector(".keys");
  if (hint) {
    hint.hidden = false;
  }

  function walk(from, step) {
    const next = messages[messages.indexOf(from) + step];
    if (next) {
      next.focus();
    }
  }

  function press(where, key) {
    const found = where.querySelector(`[data-key="${key}"]`);
    if (found) {
      found.click();
    }
    return found;
  }

  function hide(message) {
    const summary = message.querySelector('[data-key="h"]');
    const details = summary && summary.closest("details");
    if (details) {
      details.open = true;
      details.querySelector('input[name="why"]').focus();
    }
  }

  queue.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) {
      return;
    }
    const message = event.target.closest("article");
    const key = event.key.toLowerCase();
    if (!message || !"jkahu".includes(key) || key.length !== 1) {
      return;
    }
    event.preventDefault();
    if (key === "j" || key === "k") {
      walk(message, key === "j" ? 1 : -1);
    } else if (key === "a") {
      press(message, key);
    } else if (key === "h") {
      hide(message);
    } else {
      press(document, key);
    }
  });

  if (!document.querySelector("[autofocus]") && messages.length) {
    messages[0].focus({ preventScroll: true });
  }
})();
