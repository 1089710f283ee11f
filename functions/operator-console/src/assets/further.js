// Goes on looking by itself where a search has found too little, until there is a page of it or enough was looked at.
"use strict";
(async () => {
  const found = document.getElementById("found");
  const older = document.getElementById("older");
  for (let rounds = 0; rounds < 60; rounds += 1) {
    const link = older.querySelector("a[data-further]");
    if (!link || found.querySelectorAll("tbody tr").length >= Number(older.dataset.limit)) return;
    // Whatever goes wrong, the link stays.
    const answer = await fetch(link.href).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const rows = page.querySelectorAll("#found tbody tr");
    const table = found.querySelector("tbody");
    if (rows.length > 0 && table) table.append(...rows);
    else if (!table) found.replaceChildren(...page.getElementById("found").childNodes);
    older.replaceChildren(...page.getElementById("older").childNodes);
  }
})();
