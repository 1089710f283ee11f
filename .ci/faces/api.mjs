// The API of the running product, held against its own document. Usage: node api.mjs PLUGTILL SCHEMATHESIS

import { spawn } from "node:child_process";
import { once } from "node:events";
import { Server } from "./server.mjs";
import { play } from "./traffic.mjs";

const [plugtill, schemathesis] = process.argv.slice(2);
const server = await Server.start(plugtill, "site.json");
try {
  // With sessions, incidents and more to be shown and ordered: an empty answer proves little.
  const { chargers } = await play(server);
  const tests = spawn(schemathesis, ["run", `${server.pages}/api/v1/openapi.json`, "--header", `Authorization: Bearer ${server.key}`,
    // What fits the document may still be refused: a day before another, a session that is there for nobody.
    "--exclude-checks", "positive_data_acceptance", "--max-examples", "60", "--seed", "1", "--output-sanitize", "false",
    // As fast as one key may ask.
    "--rate-limit", "50/s", "--continue-on-failure", "--no-color", "--warnings", "off"],
  { stdio: ["ignore", "inherit", "inherit"] });
  const [code] = await once(tests, "exit");
  process.exitCode = code ?? 1;
  for (const charger of chargers) charger.leave();
  await server.stop();
} finally {
  await server.clear();
}
