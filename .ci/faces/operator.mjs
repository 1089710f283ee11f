// What operators do all day, on the pages of the console.

import assert from "node:assert/strict";
import { bill, heading, minor } from "./driver.mjs";
import { link } from "./pages.mjs";
import { came_and_went } from "./traffic.mjs";
import { until } from "./until.mjs";

const main = (page) => page.locator("main").innerText();
const press = (page, name) => page.getByRole("button", { name, exact: true }).first().click();
const open = (page, name) => page.locator("header nav").getByRole("link", { name, exact: true }).click();
const cards = (page) => page.locator("ul.list > li");

export async function signIn(page, server, name, password) {
  await page.goto(`${server.pages}/console`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await press(page, "Sign in");
}

/** Each is one task; they are done in this order, by one owner. */
export const TASKS = [
  async function a_wrong_password_is_refused(page, { server, looker }) {
    await signIn(page, server, "owner", "not the password");
    assert.match(await page.getByRole("alert").innerText(), /do not go together/);
    await looker.look(page, "console-sign-in-refused");
  },
  async function the_first_password_lets_in(page, { server }) {
    await signIn(page, server, "owner", server.password);
    assert.equal(await heading(page), "Now");
  },
  async function now_shows_every_connector_as_it_is(page, { told }) {
    const shown = await page.locator(".tile").allInnerTexts();
    assert.equal(shown.length, 8);
    const tile = (name) => shown.find((it) => it.startsWith(name)) ?? assert.fail(`no ${name}`);
    assert.match(tile("QUAY1 · 2"), /Charging[^]*7\.02 kWh/);
    assert.match(tile("HALL1 · 2"), /still plugged in[^]*idle since/);
    assert.match(tile("HALL2 · 1"), /Faulted/);
    assert.match(await main(page), new RegExp(`${told.unpaid.owed.amount} EUR\\s*not paid`));
  },
  async function a_session_is_found_by_its_tag(page, { told }) {
    await open(page, "Sessions");
    await page.getByRole("searchbox").fill("DORA");
    await press(page, "Search");
    const rows = page.locator("main tbody tr");
    assert.equal(await rows.count(), 1);
    assert.match(await rows.innerText(), new RegExp(`${told.idled.billed.amount} EUR`));
    await rows.getByRole("link").first().click();
  },
  async function timeline_and_bill_say_the_same(page, { told }) {
    const lines = await bill(page);
    assert.equal(lines.slice(0, -1).reduce((sum, it) => sum + it), lines.at(-1));
    assert.equal(lines.at(-1), minor(`${told.idled.billed.amount} EUR`));
    const timeline = await page.locator("ol.line").innerText();
    assert.match(timeline, /Started with tag DORA, register 5 kWh[^]*takes no more energy[^]*Stopped: vehicle unplugged, register 15 kWh/);
  },
  async function a_part_is_credited_after_a_look_at_it(page, { looker, told }) {
    await page.getByRole("link", { name: "Give something back" }).click();
    await page.getByLabel("How much").fill("1.50");
    await page.getByLabel("Reason").fill("The stall was blocked from outside");
    await press(page, "Look what it does");
    const left = minor(`${told.idled.billed.amount} EUR`) - 150;
    const would = await page.locator("dl dd").allInnerTexts();
    assert.deepEqual(would.slice(0, 2).map(minor), [left, 150]);
    await looker.look(page, "console-credit-confirmation");
    await press(page, "Do it");
    assert.match(await main(page), /Credit notes\s+.*owner: The stall was blocked from outside\s+1\.50 EUR/);
    await until("the card gets it back", async () => {
      await page.reload();
      return /Given back to the card\s+done/.test(await main(page)) || undefined;
    });
  },
  async function a_balance_is_forgiven(page, { server, told }) {
    await page.goto(server.pages + link(told.unpaid));
    await page.getByRole("link", { name: "Give up what is owed" }).click();
    await page.getByLabel("Reason").fill("Goodwill");
    await press(page, "Look what it does");
    await press(page, "Do it");
    assert.match(await main(page), /Waived/);
    assert.equal((await server.ask("balances")).balances.length, 0);
  },
  async function an_incident_is_looked_after(page) {
    await open(page, "Incidents");
    const emergency = cards(page).filter({ hasText: "Emergency stop" });
    await emergency.getByRole("button", { name: "I look after it" }).click();
    await emergency.getByText("owner looks after it").waitFor();
    assert.equal(await emergency.getByRole("button").count(), 0);
  },
  async function what_waits_in_quarantine_is_reviewed(page) {
    await open(page, "Quarantine");
    const before = await cards(page).count();
    const noise = cards(page).first();
    await noise.getByLabel("What becomes of it").selectOption("drop");
    await noise.getByLabel("Why").fill("A charger on the bench");
    await noise.getByRole("button").click();
    await until("one less waits", async () => await cards(page).count() === before - 1 || undefined);
  },
  async function a_price_is_tried_on_past_sessions_and_no_slip_loses_what_was_written(page, { looker }) {
    await open(page, "Tariffs");
    await page.getByRole("link", { name: "Change Harbour" }).click();
    const file = () => page.getByLabel("Site file (JSON)");
    const written = await file().inputValue();
    await file().fill(written.replace(/"price": "[^"]+"/, '"price": "-1"'));
    await press(page, "Look what it does");
    assert.match(await page.getByRole("alert").innerText(), /below zero/);
    assert.match(await main(page), /Cannot be priced:/);
    assert.match(await file().inputValue(), /"price": "-1"/);
    await looker.look(page, "console-tariff-refused");
    await file().fill(written.replace(/"price": "[^"]+"/, '"price": "1.23"'));
    await press(page, "Look what it does");
    assert.match(await main(page), /Nothing is done yet[^]*changes[^]*sessions would have come to/);
    await looker.look(page, "console-tariff-confirmation");
    await page.getByRole("link", { name: "Leave it as it is" }).click();
    assert.doesNotMatch(await main(page), /1\.23 EUR/);
  },
  async function the_audit_trail_names_all_of_it(page) {
    await open(page, "Audit");
    const rows = await page.locator("main tbody tr").allInnerTexts();
    for (const order of [/credit/i, /forgive/i, /incident|emergency/i, /quarantine|drop/i]) {
      assert.ok(rows.some((it) => order.test(it) && it.includes("by owner")), `no ${order} in\n${rows.join("\n")}`);
    }
  },
];

/** Who only looks is shown no way to change anything, and is refused where the address is known. */
export async function only_looks(page, { server, told }) {
  for (const path of ["/console", "/console/sessions", link(told.idled), "/console/incidents"]) {
    await page.goto(server.pages + path);
    const forms = await page.$$eval("form[method=post]", (all) => all.map((it) => new URL(it.action).pathname));
    assert.deepEqual(forms, ["/console/sign-out"], path);
    assert.equal(await page.getByRole("link", { name: /Give (something back|up)/ }).count(), 0, path);
  }
  for (const path of ["/console/quarantine", "/console/audit", `${link(told.idled)}/credit`]) {
    const answer = await page.goto(server.pages + path);
    assert.equal(answer.status(), 403, path);
  }
}

/** What lies further back than one look goes is found without a click. */
export async function looks_further_back(page, { server, told }) {
  await came_and_went(told.chargers[2], 1, "ZOE", 170);
  await page.goto(`${server.pages}/console/sessions?text=ZOE`);
  await page.locator("main tbody tr").first().waitFor();
  assert.equal(await page.locator("main tbody tr").count(), 1);
  await page.getByRole("link", { name: "Look further back" }).waitFor({ state: "detached" });
  await page.goto(`${server.pages}/console/sessions?text=NOBODY-WAS-CALLED-SO`);
  await page.getByText("No session was found").waitFor();
}

export async function signs_out(page, { server }) {
  await page.goto(`${server.pages}/console`);
  await press(page, "Sign out");
  await page.goto(`${server.pages}/console/audit`);
  assert.equal(await heading(page), "Sign in");
}
