// Photographs of the pages, on a phone and on a desk, and a page that shows them.

import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Longer pages are cut: what repeats itself further down tells nothing new. */
const LONGEST = 2600;

export class Album {
  constructor(folder) {
    this.folder = folder;
    this.names = new Set();
  }

  /** Keeps nothing of pages that are no longer there. */
  async clear() {
    const old = (await readdir(this.folder)).filter((it) => it.endsWith(".webp"));
    await Promise.all(old.map((it) => rm(join(this.folder, it))));
  }

  async photograph(page, name, { width }) {
    const session = await page.context().newCDPSession(page);
    const { cssContentSize: whole } = await session.send("Page.getLayoutMetrics");
    const clip = { x: 0, y: 0, width: whole.width, height: Math.min(whole.height, LONGEST), scale: 1 };
    const shot = { format: "webp", quality: 40, captureBeyondViewport: true, clip };
    const { data } = await session.send("Page.captureScreenshot", shot);
    await writeFile(join(this.folder, `${name}-${width}.webp`), Buffer.from(data, "base64"));
    await session.detach();
    this.names.add(name);
  }

  async finish(widths) {
    const image = (name, width) => `<img src="${name}-${width}.webp" alt="${words(name)} at ${width} pixels" width="${width / 2}">`;
    const sections = [...this.names].sort().map((name) =>
      `## ${words(name)}\n\n${widths.map((width) => image(name, width)).join("\n")}\n`);
    const head = "# What drivers and operators see\n\nMade by `.ci/faces/run target/debug/plugtill --screens docs/screens`, with the "
      + "chargers, sessions and faults\nof the check itself: on a phone and on a desk.\n";
    await writeFile(join(this.folder, "README.md"), [head, ...sections].join("\n"));
  }
}

function words(name) {
  const text = name.replaceAll("-", " ");
  return text[0].toUpperCase() + text.slice(1);
}
