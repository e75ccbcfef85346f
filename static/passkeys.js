// Has the browser make or prove a passkey (WebAuthn) for a form, and sends the form with its answer.
// The forms are hidden until this script has seen that the browser can; without it the other way in
// is there as ever. It is by hand what `PublicKeyCredential.toJSON` does, which older browsers lack.
"use strict";

(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) {
    return;
  }

  function bytes(text) {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  }

  function words(buffer) {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function named(list) {
    return (list || []).map((each) => ({ ...each, id: bytes(each.id) }));
  }

  async function wanted(form) {
    if (form.dataset.options) {
      return JSON.parse(form.dataset.options);
    }
    const answer = await fetch(form.dataset.ask, { method: "POST" });
    if (!answer.ok) {
      throw new Error("was not asked");
    }
    return answer.json();
  }

  async function made(options) {
    const { response, ...key } = await described(
      navigator.credentials.create({
        publicKey: {
          ...options,
          challenge: bytes(options.challenge),
          user: { ...options.user, id: bytes(options.user.id) },
          excludeCredentials: named(options.excludeCredentials),
        },
      }),
    );
    return {
      ...key,
      response: {
        clientDataJSON: words(response.clientDataJSON),
        attestationObject: words(response.attestationObject),
      },
    };
  }

  async function proved(options) {
    const { response, ...key } = await described(
      navigator.credentials.get({
        publicKey: {
          ...options,
          challenge: bytes(options.challenge),
          allowCredentials: named(options.allowCredentials),
        },
      }),
    );
    return {
      ...key,
      response: {
        clientDataJSON: words(response.clientDataJSON),
        authenticatorData: words(response.authenticatorData),
        signature: words(response.signature),
        userHandle: response.userHandle && words(response.userHandle),
      },
    };
  }

  async function described(asked) {
    const found = await asked;
    return { id: found.id, rawId: words(found.rawId), type: found.type, response: found.response };
  }

  async function send(form) {
    const status = form.querySelector("[data-failed]");
    status.textContent = "";
    try {
      const options = await wanted(form);
      const answer = await (form.dataset.passkey === "make" ? made(options) : proved(options));
      form.elements.namedItem("passkey").value = JSON.stringify(answer);
    } catch {
      status.textContent = status.dataset.failed;
      return;
    }
    form.submit();
  }

  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    let under = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!under) {
        under = true;
        await send(form);
        under = false;
      }
    });
    form.hidden = false;
  });
  document.querySelectorAll("[data-passkey-part]").forEach((part) => {
    part.hidden = false;
  });
  document.querySelectorAll("[data-passkey-missing]").forEach((part) => {
    part.hidden = true;
  });
})();
