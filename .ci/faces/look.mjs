// What holds for every page, whatever it shows: on a phone and on a desk, by day and by night.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { HtmlValidate, StaticConfigLoader } from "html-validate";
import rules from "./htmlvalidate.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const validator = new HtmlValidate(new StaticConfigLoader(rules));

export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1280, height: 900 };
const HEAVIEST = 60 * 1024;
/** What a program would say and a person would not. */
const RAW = [/\b[a-z]+_[a-z_]+\b/, /\b(Some|Ok|Err)\(/, /[{}`]/, /::/, /\b(undefined|NaN|null)\b/, /\[object/];

/** Texts that stand in columns too narrow for a word. */
function squeezed() {
  const texts = [...document.querySelectorAll("main :is(p, dd, dt, td, th, li)")];
  const narrow = texts.filter((it) => it.clientWidth > 0 && it.clientWidth < 70 && it.clientHeight > 2 * it.clientWidth);
  return narrow.map((it) => it.textContent.trim().slice(0, 40));
}

export class Looker {
  constructor(album) {
    this.album = album;
    this.seen = [];
    this.addresses = new Map();
    this.faults = [];
  }

  fault(name, what) {
    this.faults.push(`${name}: ${what}`);
    console.log(`FAILED  ${name}: ${what}`);
  }

  /** A page that tells what goes wrong in it; one that `isStill` is not loaded anew by its own script while it is looked at. */
  async open(browser, isStill) {
    const context = await browser.newContext({ viewport: PHONE, locale: "en" });
    if (isStill) await context.addInitScript(() => { globalThis.setInterval = () => 0; });
    const page = await context.newPage();
    page.complaints = [];
    page.on("console", (said) => said.type() === "error" && page.complaints.push(said.text()));
    page.on("pageerror", (error) => page.complaints.push(String(error)));
    page.on("request", (request) => {
      if (request.isNavigationRequest() && request.frame() === page.mainFrame()) page.complaints.length = 0;
    });
    page.on("response", (answer) => {
      const isPage = answer.request().isNavigationRequest() && answer.frame() === page.mainFrame();
      if (isPage && (answer.status() < 300 || answer.status() >= 400)) page.served = answer;
    });
    return page;
  }

  /** Holds the page as it stands against all that is expected of a page. */
  async look(page, name, { language = "en", photo = true } = {}) {
    const before = this.faults.length;
    await this.source(page, name, language);
    await this.words(page, name);
    for (const size of [PHONE, DESK]) {
      await page.setViewportSize(size);
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        if (photo && colorScheme === "light") await this.album?.photograph(page, name, size);
        const closed = await page.$$("details:not([open])");
        const open = (it, isOpen) => it.evaluate((details, isOpen) => { details.open = isOpen; }, isOpen);
        for (const it of closed) await open(it, true);
        await this.drawn(page, `${name} at ${size.width} px, ${colorScheme}`, colorScheme === "light");
        for (const it of closed) await open(it, false);
      }
      await page.emulateMedia({ colorScheme: "light" });
    }
    for (const complaint of page.complaints.splice(0)) {
      const isItself = complaint.includes("Failed to load resource") && page.served.status() >= 400;
      if (!isItself) this.fault(name, `the browser complains: ${complaint}`);
    }
    this.seen.push({ name, is_well: this.faults.length === before });
    if (page.served.request().method() === "GET") this.addresses.set(name, { page, url: page.url() });
  }

  /** What was sent: valid, in the language that was asked for, and light. */
  async source(page, name, language) {
    const html = await page.served.text();
    const { results } = await validator.validateString(html);
    for (const { ruleId, message, line } of results.flatMap((it) => it.messages)) {
      this.fault(name, `HTML, line ${line}: ${message} (${ruleId})`);
    }
    const [spoken, parts] = await page.evaluate(() => [document.documentElement.lang,
      [...document.querySelectorAll("link[rel=stylesheet], script[src]")].map((it) => it.href || it.src)]);
    if (spoken !== language) this.fault(name, `is in ${spoken}, not in ${language}`);
    const sizes = await Promise.all(parts.map(async (part) => (await (await page.request.get(part)).body()).length));
    const bytes = sizes.reduce((sum, size) => sum + size, Buffer.byteLength(html));
    if (bytes > HEAVIEST) this.fault(name, `weighs ${bytes} bytes; ${HEAVIEST} are the most`);
  }

  /** What people read; what they type, and what chargers sent, stands in elements of its own. */
  async words(page, name) {
    const text = await page.evaluate(() => {
      const texts = document.createTreeWalker(document.querySelector("main") ?? document.head, NodeFilter.SHOW_TEXT);
      const found = [];
      while (texts.nextNode()) {
        if (!texts.currentNode.parentElement.closest("code, pre, script, textarea, title")) found.push(texts.currentNode.data);
      }
      return found.join(" ").trim();
    });
    if (text.length < 20) this.fault(name, `shows next to nothing: \`${text}\``);
    for (const raw of RAW) {
      const found = text.match(raw);
      if (found) this.fault(name, `says \`${text.slice(Math.max(0, found.index - 30), found.index + 40)}\``);
    }
  }

  /** What is drawn: nothing beyond the edge, and nothing that axe objects to. */
  async drawn(page, name, whole) {
    const [needed, there] = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return [scrollWidth, clientWidth];
    });
    if (needed > there) this.fault(name, `is ${needed} px wide`);
    for (const text of await page.evaluate(squeezed)) this.fault(name, `squeezes \`${text}\` into a column of letters`);
    await page.evaluate(axe);
    const violations = await page.evaluate(async (whole) => {
      // axe would fetch style sheets once more, which the pages' policy forbids.
      const options = { preload: false, resultTypes: ["violations"], ...(whole ? {} : { runOnly: ["color-contrast"] }) };
      return (await globalThis.axe.run(document, options)).violations;
    }, whole);
    for (const { id, nodes } of violations) {
      for (const { html, any, all, none } of nodes) this.fault(name, `${id}: ${[...any, ...all, ...none][0]?.message}: ${html}`);
    }
  }
}
