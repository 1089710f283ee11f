// Which pages there are: what only a person would find by a link or a code, and whatever the menu of the console leads to.

/**
 * A page: whose it is, where it is, in which language where not in English, and whether
 * a photograph of it is kept. `told` is what traffic and journey left behind.
 */
export const PAGES = [
  { name: "stall", who: "driver", path: () => "/stalls/QUAY1/1" },
  { name: "stall-taken", who: "driver", path: () => "/stalls/QUAY1/2", photo: false },
  { name: "stall-with-idle-fee", who: "driver", path: () => "/stalls/HALL1/1" },
  { name: "stall-out-of-order", who: "driver", path: () => "/stalls/HALL2/1" },
  { name: "stall-free-of-charge", who: "driver", path: () => "/stalls/GUEST/1" },
  { name: "stall-unknown", who: "driver", path: () => "/stalls/NOBODY/1" },
  { name: "driver-nowhere", who: "driver", path: () => "/sessions/forged.link" },
  { name: "session-runs", who: "driver", path: (told) => told.links.runs },
  { name: "session-idles", who: "driver", path: (told) => told.links.idles },
  { name: "receipt", who: "driver", path: (told) => told.links.paid },
  { name: "receipt-with-idle-fee", who: "driver", path: (told) => told.links.idled },
  { name: "receipt-free", who: "driver", path: (told) => told.links.free, photo: false },
  { name: "receipt-unpaid", who: "driver", path: (told) => told.links.unpaid },
  { name: "console-sign-in", who: "nobody", path: () => "/console/sign-in" },
  { name: "console-now", who: "owner", path: () => "/console" },
  { name: "console-now-of-a-site", who: "owner", path: () => "/console?site=market", photo: false },
  { name: "console-sessions", who: "owner", path: () => "/console/sessions" },
  { name: "console-codes", who: "owner", path: () => "/console/codes/harbour" },
  { name: "console-sessions-none", who: "owner", path: () => "/console/sessions?text=nothing-like-it" },
  { name: "console-session", who: "owner", path: (told) => link(told.idled) },
  { name: "console-session-runs", who: "owner", path: (told) => link(told.runs) },
  { name: "console-credit", who: "owner", path: (told) => `${link(told.idled)}/credit` },
  { name: "console-nowhere", who: "owner", path: () => "/console/nowhere" },
  { name: "console-incidents-before", who: "owner", path: () => "/console/incidents?all=true", photo: false },
  { name: "console-audit-before", who: "owner", path: () => "/console/audit?month=2026-01-01", photo: false },
  { name: "console-now-viewer", who: "viewer", path: () => "/console", photo: false },
  { name: "console-session-viewer", who: "viewer", path: (told) => link(told.idled), photo: false },
  { name: "console-forbidden", who: "viewer", path: () => "/console/audit" },
];

export const link = (session) => `/console/sessions/${encodeURIComponent(session.id)}`;

/** Two addresses with one pattern lead to pages of one kind. */
function pattern(address) {
  const { pathname, searchParams } = new URL(address);
  const named = (part, index, all) => /^[a-z0-9.-]*$/.test(part) && !/\d{3}/.test(part) && all[index - 1] !== "tariffs";
  const parts = pathname.split("/").map((part, index, all) => (named(part, index, all) ? part : "one"));
  return [parts.join("/"), ...[...searchParams.keys()].sort()].join(" ");
}

/** Walks from the menu through whatever pages of the console lead to one another; `visit` is called with each kind once. */
export async function walk(page, told, visit) {
  const known = PAGES.filter((it) => it.who === "owner").map(({ path, photo }) => [pattern(new URL(path(told), page.url()).href), photo]);
  const seen = new Set(known.map(([kind]) => kind));
  // One photograph of a page will do, whatever is asked of it.
  const photographed = new Set(known.filter(([, photo]) => photo !== false).map(([kind]) => kind.split(" ")[0]));
  const waiting = await links(page, "header nav a[href]");
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const kind = pattern(next);
    if (seen.has(kind)) continue;
    seen.add(kind);
    if (!await isPage(page, next)) continue;
    await page.goto(next);
    const [path] = kind.split(" ");
    const photo = !photographed.has(path);
    await visit((photo ? path : kind).slice(1).replace(/[^a-z0-9]+/gi, "-"), { photo });
    photographed.add(path);
    waiting.push(...await links(page, "main a[href]"));
  }
}

/** Whether it is no file to be kept. */
async function isPage(page, address) {
  const answer = await page.request.get(address);
  return answer.headers()["content-type"]?.startsWith("text/html");
}

async function links(page, wanted) {
  const all = await page.$$eval(wanted, (found) => found.filter((it) => !it.download).map((it) => it.href));
  const { origin } = new URL(page.url());
  return all.filter((it) => it.startsWith(`${origin}/console`) || it.startsWith(`${origin}/api`));
}
