// Shows what is now: the page is loaded anew while nobody uses it.
"use strict";
setInterval(() => {
  const resting = document.activeElement === document.body || document.activeElement === null;
  if (!document.hidden && resting && !String(getSelection())) location.reload();
}, 15000);
