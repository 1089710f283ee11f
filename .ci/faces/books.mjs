// What the simulator has taken, once the server has ended and kept it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

export async function booked(server, receipt) {
  const { intents } = JSON.parse(await readFile(join(server.data, "stripe.json"), "utf8"));
  const taken = {};
  for (const { metadata, received } of Object.values(intents)) {
    taken[metadata.session] = (taken[metadata.session] ?? 0) + received;
  }
  assert.equal(taken[receipt.session], receipt.total);
  const { differences } = await server.order("reconcile", "--json");
  assert.deepEqual(differences, []);
}
