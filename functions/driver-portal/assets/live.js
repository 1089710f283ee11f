// Keeps a page fresh: the figures of a running session, whether a stall is free, what became of a payment. Without it the page
// shows what was when it was opened.
"use strict";
const live = document.querySelector("[data-live]");
// Who has paid waits; a stall changes seldom.
const every = live ? 10_000 : document.getElementById("pay") ? 20_000 : 4_000;
let goesOn = true;

async function figures() {
  const answer = await fetch(live.dataset.live, { headers: { accept: "text/html" } });
  // The session has ended: its page is another now.
  if (answer.status === 204) location.reload();
  else if (answer.ok) live.innerHTML = await answer.text();
}

/** What is no longer as it was is shown as it is; where the page only led somewhere, it goes there. */
async function again() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const on = page.querySelector("a[data-on]");
  if (on) return location.replace(on.href);
  goesOn = Boolean(page.querySelector("script[src='/live.js']"));
  for (const shown of document.querySelectorAll("[data-again]")) {
    const now = page.getElementById(shown.id);
    if (now && now.dataset.again !== shown.dataset.again) {
      document.title = page.title;
      document.querySelector("h1").textContent = page.querySelector("h1").textContent;
      shown.dataset.again = now.dataset.again;
      shown.replaceChildren(...now.childNodes);
    }
  }
}

async function refresh() {
  if (!document.hidden) {
    try {
      await (live ? figures() : again());
    } catch {
      // No network at the moment: what was known last stays.
    }
  }
  if (goesOn) setTimeout(refresh, every);
}

setTimeout(refresh, every);
