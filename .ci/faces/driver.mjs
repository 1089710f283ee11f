// A driver's way: from the code on the stall to the receipt. What is shown is held against itself and against the card.

import assert from "node:assert/strict";
import { Charger } from "./charger.mjs";
import { until } from "./until.mjs";

const now = (seconds = 0) => new Date(Math.floor(Date.now() / 1000) * 1000 + seconds * 1000).toISOString();

/** `4.72 EUR` in cents. */
export const minor = (text) => {
  const [, sign, whole, cents] = text.match(/(-?)(\d+)\.(\d\d) EUR/) ?? assert.fail(`no amount in \`${text}\``);
  return Number(`${sign}${whole}${cents}`);
};

export const heading = (page) => page.locator("h1").innerText();

/** The figures of a bill, line by line; the last is the total. */
export const bill = async (page) => (await page.locator("table.bill tr > :last-child").allInnerTexts()).map(minor);

/** A row of a page's table by its heading. */
export const figure = (page, name) => page.locator("tr", { has: page.locator("th", { hasText: name }) }).first().locator("td").innerText();

const kilowattHours = async (page) => Number.parseFloat(await figure(page, /^Energy/));

export async function journey(page, server, looker) {
  const charger = await Charger.connect(server, "QUAY3");
  await charger.status(1, "Available", now());
  await page.goto(`${server.pages}/stalls/QUAY3/1`);
  assert.match(await page.locator(".price").first().innerText(), /^0\.47\d* EUR|^0\.39 EUR/, "the price stands first");
  await page.getByRole("button", { name: "Pay by card" }).click();

  await pay(page, looker);
  const { idTag } = await charger.ordered("RemoteStartTransaction");
  await page.getByRole("heading", { name: "Plug in and start" }).waitFor();
  assert.match(await page.locator("main").innerText(), /20\.00 EUR/, "what is held is said");
  await looker.look(page, "checkout-held");
  await charger.status(1, "Preparing", now());
  const transaction = await charger.begin(1, idTag, 1000, now());
  await charger.meter(1, transaction, 1400, now(4));

  await page.waitForURL(/\/sessions\//);
  await rises(page, charger, transaction, looker);
  await charger.end(1, transaction, 3000, now(15));
  await page.getByRole("heading", { name: /^Receipt/ }).waitFor({ timeout: 40_000 });
  const receipt = await settled(page, server);
  await looker.look(page, "receipt-of-the-journey");
  await inOtherLanguages(page, server, looker);
  await asks(page, looker);
  charger.leave();
  return receipt;
}

/** The receipt and the stall in every other language, chosen on the page itself. */
async function inOtherLanguages(page, server, looker) {
  const receipt = page.url();
  const total = (await bill(page)).at(-1);
  for (const [code, name] of [["de", "Deutsch"], ["fr", "Français"], ["nl", "Nederlands"], ["es", "Español"]]) {
    await page.getByRole("link", { name, exact: true }).click();
    assert.equal(await page.locator("html").getAttribute("lang"), code);
    const written = (await page.locator("table.bill tr:last-child td").innerText()).replace(",", ".");
    assert.equal(minor(written), total, `the total in ${name}`);
    await looker.look(page, `receipt-${code}`, { language: code });
    await page.goto(`${server.pages}/stalls/QUAY3/1`);
    assert.equal(await page.locator("html").getAttribute("lang"), code, "the choice is remembered");
    await looker.look(page, `stall-${code}`, { language: code });
    await page.goto(receipt);
  }
  await page.getByRole("link", { name: "English", exact: true }).click();
}

/** Something was wrong with it: the operator is told, once. */
async function asks(page, looker) {
  await page.getByText("Is something wrong?").click();
  await page.getByLabel("What is wrong").fill("The cable let go only after ten minutes.");
  await page.getByRole("button", { name: "Send to the operator" }).click();
  assert.match(await page.getByRole("status").last().innerText(), /^The operator has been told/);
  assert.equal(await page.getByLabel("What is wrong").count(), 0);
  await looker.look(page, "receipt-asked");
}

/** A card that is declined, then one that pays. */
async function pay(page, looker) {
  assert.match(await heading(page), /^Pay 20\.00 EUR/);
  await page.getByLabel("Test card").selectOption("pm_card_chargeDeclinedInsufficientFunds");
  await page.getByRole("button", { name: "Pay" }).click();
  assert.match(await page.getByRole("alert").innerText(), /insufficient/);
  await looker.look(page, "card-declined");
  await page.getByLabel("Test card").selectOption("pm_card_visa");
  await page.getByRole("button", { name: "Pay" }).click();
}

/** The script shows by itself what the charger reports next. */
async function rises(page, charger, transaction, looker) {
  const first = await kilowattHours(page);
  assert.equal(first, 0.4, "the energy of the first reading");
  await charger.meter(1, transaction, 2200, now(12));
  await until("the page shows the second reading by itself", async () => await kilowattHours(page) === 1.2 || undefined, 30);
  const lines = await bill(page);
  assert.equal(lines.slice(0, -1).reduce((sum, it) => sum + it), lines.at(-1), "the lines add up so far");
  assert.equal(minor(await page.locator(".now").innerText()), lines.at(-1), "the figure above is that of the bill");
  await looker.look(page, "session-of-the-journey");
}

/** Energy, lines, total and card, as the receipt says and as its data says. */
async function settled(page, server) {
  await until("the card has paid", async () => {
    await page.reload();
    return (await page.locator("main").innerText()).includes("Paid.") || undefined;
  });
  const [lines, total] = [await bill(page), (await bill(page)).at(-1)];
  assert.equal(await kilowattHours(page), 2);
  assert.equal(lines.slice(0, -1).reduce((sum, it) => sum + it), total, "the lines add up");
  // 2 kWh at 0.39 are 0.78, and 21 per cent of that 0.16.
  assert.deepEqual(lines, [78, 16, 94]);
  assert.equal(minor(await figure(page, "charged to your card")), total, "the card was charged the total");
  const data = await (await page.request.get(`${page.url()}/receipt.json`)).json();
  assert.equal(minor(data.bill.total), total, "the data says the same total");
  assert.equal(minor(data.moves.find((it) => it.what === "charged to your card").amount), total);
  const { sessions } = await server.ask("sessions?charger=QUAY3");
  assert.deepEqual(sessions.map((it) => it.receipt_number), [data.number], "operators see the same receipt");
  return { session: sessions[0].id, total };
}
