// Keeps the figures of a running session fresh. Without it the page shows what was when it was opened.
"use strict";
const live = document.querySelector("[data-live]");
const every = 10_000;

async function refresh() {
  if (!document.hidden) {
    try {
      const answer = await fetch(live.dataset.live, { headers: { accept: "text/html" } });
      // The session has ended: its page is another now.
      if (answer.status === 204) return location.reload();
      if (answer.ok) live.innerHTML = await answer.text();
    } catch {
      // No network at the moment: the last figures stay, with their time beside them.
    }
  }
  setTimeout(refresh, every);
}

if (live) setTimeout(refresh, every);
