// Drives the running product in a browser, as drivers and operators do, and looks at every page that there is.
// Usage: node play.mjs PLUGTILL [--screens DIR]

import { chromium } from "playwright-core";
import { Album } from "./album.mjs";
import { booked } from "./books.mjs";
import { journey } from "./driver.mjs";
import { DESK, Looker, PHONE } from "./look.mjs";
import { TASKS, looks_further_back, only_looks, signIn, signs_out } from "./operator.mjs";
import { PAGES, walk } from "./pages.mjs";
import { Server } from "./server.mjs";
import { play } from "./traffic.mjs";

const [plugtill, option, screens] = process.argv.slice(2);
const PASSWORD = "a password for the check";
const SAMPLES = 20;
const results = [];

async function check(what, run) {
  const began = performance.now();
  try {
    const found = await run();
    results.push(true);
    console.log(`ok ${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s  ${what}`);
    return found;
  } catch (error) {
    results.push(false);
    console.log(`FAILED  ${what}: ${error.stack}`);
    return undefined;
  }
}

/** The pages that drivers are sent to, as operators see them. */
async function linksOf(page, server, told) {
  const links = {};
  for (const name of ["paid", "unpaid", "free", "idled", "idles", "runs"]) {
    await page.goto(`${server.pages}/console/sessions/${encodeURIComponent(told[name].id)}`);
    links[name] = new URL(await page.getByRole("link", { name: "The driver's page" }).getAttribute("href")).pathname;
  }
  return links;
}

async function every_page_is_well(looker, server, people, told) {
  for (const { name, who, path, ...options } of PAGES) {
    const page = people[who];
    await page.goto(server.pages + path(told));
    await looker.look(page, name, options);
  }
  await people.owner.goto(`${server.pages}/console`);
  await walk(people.owner, told, (name, options) => looker.look(people.owner, name, options));
}

/** How long the server takes for each page that was looked at. */
async function times(looker) {
  console.log("\nserver time of a page in ms, p95 of", SAMPLES);
  for (const [name, { page, url }] of looker.addresses) {
    const taken = [];
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const began = performance.now();
      await (await page.request.get(url)).body();
      taken.push(performance.now() - began);
    }
    taken.sort((a, b) => a - b);
    console.log(`${taken[Math.ceil(SAMPLES * 0.95) - 1].toFixed(1).padStart(8)}  ${name}`);
  }
}

async function look(server, browser) {
  const album = option === "--screens" ? new Album(screens) : undefined;
  await album?.clear();
  const looker = new Looker(album);
  const told = await check("traffic of chargers", () => play(server));
  await server.order("user", "add", "viewer", "--role", "viewer", "--password", PASSWORD);
  const people = {};
  for (const who of ["driver", "nobody", "owner", "viewer"]) people[who] = await looker.open(browser, who !== "driver");
  const receipt = await check("a driver's way from the stall to the receipt", () => journey(people.driver, server, looker));
  const around = { server, looker, told };
  for (const task of TASKS) await check(task.name.replaceAll("_", " "), () => task(people.owner, around));
  told.links = await linksOf(people.owner, server, told);
  await signIn(people.viewer, server, "viewer", PASSWORD);
  await check("who only looks can change nothing", () => only_looks(people.viewer, around));
  await check("every page is looked at", () => every_page_is_well(looker, server, people, told));
  await check("the server takes its time", () => times(looker));
  await check("a search goes on by itself until it has found", () => looks_further_back(people.owner, around));
  await check("signing out ends the session", () => signs_out(people.owner, around));
  for (const charger of told.chargers) charger.leave();
  await album?.finish([PHONE.width, DESK.width]);
  results.push(...looker.seen.map((it) => it.is_well));
  return receipt;
}

const server = await Server.start(plugtill, "site.json");
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];
const browser = await chromium.launch({ executablePath, args });
try {
  const receipt = await look(server, browser);
  await server.stop();
  await check("the simulator took what the receipt says, and the books agree", () => booked(server, receipt));
} finally {
  await browser.close();
  await server.clear();
}
const failed = results.filter((is_well) => !is_well).length;
console.log(`\nfaces: ${results.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
