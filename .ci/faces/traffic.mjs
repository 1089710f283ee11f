// What happened before anybody looks: sessions that are paid, free, unpaid, with an idle fee, and some that run; faults; and
// messages that nobody can use.

import { Charger } from "./charger.mjs";
import { until } from "./until.mjs";

const BEGAN = Math.floor(Date.now() / 1000) * 1000 - 3 * 3600 * 1000;

const at = (minutes) => new Date(BEGAN + minutes * 60_000).toISOString();

export async function play(server) {
  const names = ["QUAY1", "QUAY2", "GUEST", "HALL1", "HALL2"];
  const chargers = await Promise.all(names.map((name) => Charger.connect(server, name)));
  const [quay1, quay2, guest, hall1, hall2] = chargers;
  const has = async (charger, connector, tag, [from, to], kilowattHours) => {
    const transaction = await charger.begin(connector, tag, 1000, at(from));
    await charger.meter(connector, transaction, 1000 + kilowattHours * 500, at((from + to) / 2));
    await charger.end(connector, transaction, 1000 + kilowattHours * 1000, at(to));
  };
  await Promise.all([
    has(quay1, 1, "ANNA", [2, 62], 10),
    has(quay2, 1, "CLEO", [5, 65], 12),
    has(guest, 1, "BEN", [8, 68], 6),
    stays(hall1, 1, "DORA", { charged: 40, leaves: 85 }),
    stays(hall1, 2, "EMIL", { charged: 120 }),
    charges(quay1, 2, "BEN"),
    breaks(hall2),
  ]);
  for (const unusable of ['[2,"u1","StatusNotification",{"connectorId":9,"errorCode":"NoError","status":"Available"}]',
    '[2,"u2","MeterValues",{"connectorId":1,"meterValue":"none"}]', '[2,"u3","StartTransaction",{"connectorId":1}]']) {
    quay2.socket.send(unusable);
  }
  return { chargers, ...await known(server) };
}

/** Many days of short visits, the first by somebody who never came again. */
export async function came_and_went(charger, connector, tag, visits) {
  for (let visit = 0; visit < visits; visit += 1) {
    const minute = -9 * 24 * 60 + visit * 30;
    const transaction = await charger.begin(connector, visit === 0 ? tag : "BEN", 1000 * visit, at(minute));
    await charger.end(connector, transaction, 1000 * visit + 900, at(minute + 20));
  }
}

/** A vehicle that is full and keeps its stall, until it leaves or for good. */
async function stays(charger, connector, tag, { charged, leaves }) {
  const transaction = await charger.begin(connector, tag, 5000, at(4));
  await charger.meter(connector, transaction, 15_000, at(charged));
  await charger.status(connector, "SuspendedEV", at(charged));
  await charger.meter(connector, transaction, 15_000, at(leaves ?? 179));
  if (leaves) await charger.end(connector, transaction, 15_000, at(leaves));
}

/** A vehicle that charges now. */
async function charges(charger, connector, tag) {
  const transaction = await charger.begin(connector, tag, 2000, at(140));
  for (const minutes of [150, 160, 170, 179]) {
    await charger.meter(connector, transaction, 2000 + (minutes - 140) * 180, at(minutes));
  }
}

async function breaks(charger) {
  await charger.status(1, "Faulted", at(100), { errorCode: "GroundFailure" });
  await charger.status(1, "Faulted", at(110), { errorCode: "OtherError", vendorErrorCode: "EmergencyStop" });
}

/** Waits until all of it is settled; the sessions by what is to be seen in them. */
async function known(server) {
  const sessions = await until("what has ended is settled", async () => {
    const { sessions } = await server.ask("sessions");
    const ended = sessions.filter((it) => it.outcome !== "open");
    return ended.length === 4 ? sessions : undefined;
  });
  await until("what cannot be used is kept", async () => (await server.ask("quarantine")).quarantine.length === 3 || undefined);
  await until("faults are seen", async () => (await server.ask("incidents")).incidents.length >= 2 || undefined);
  const of = (tag, charger) => sessions.find((it) => it.id_tag === tag && it.charger === charger);
  return {
    paid: of("ANNA", "QUAY1"), unpaid: of("CLEO", "QUAY2"), free: of("BEN", "GUEST"),
    idled: of("DORA", "HALL1"), idles: of("EMIL", "HALL1"), runs: of("BEN", "QUAY1"),
  };
}
