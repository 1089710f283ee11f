// The product as it runs on one machine: `plugtill serve`, with chargers of its own and a Stripe that is simulated.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);

async function freePort() {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address();
  taken.close();
  return port;
}

export class Server {
  static async start(plugtill, site) {
    const server = new Server();
    await mkdir("data", { recursive: true });
    server.plugtill = plugtill;
    server.data = await mkdtemp(join("data", "run-"));
    const [mqtt, ocpp, http] = await Promise.all([freePort(), freePort(), freePort()]);
    const at = (port) => `127.0.0.1:${port}`;
    server.chargers = `ws://${at(ocpp)}`;
    server.pages = `http://${at(http)}`;
    const listen = ["--mqtt", at(mqtt), "--ocpp", at(ocpp), "--http", at(http)];
    server.process = spawn(plugtill, ["serve", "--site", site, "--data", server.data, ...listen],
      { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, RUST_LOG: "error" } });
    server.ended = once(server.process, "exit");
    await server.greeted();
    return server;
  }

  /** Reads what is said at the start, the first password too; goes on reading, so that nothing waits for a reader. */
  async greeted() {
    const lines = createInterface({ input: this.process.stdout });
    await new Promise((ready, fail) => {
      lines.on("line", (line) => {
        this.password ??= line.match(/^sign in .* the password (\S+)/)?.[1];
        if (line.startsWith("data ")) ready();
      });
      lines.on("close", () => fail(new Error("the server ended before it listened")));
    });
  }

  /** What a command answers on the data of the running server. */
  async order(...command) {
    const { stdout } = await run(this.plugtill, [...command, "--data", this.data]);
    return JSON.parse(stdout);
  }

  /** What the API answers. */
  async ask(path) {
    this.key ??= (await this.order("key", "add", "faces", "--role", "owner")).secret;
    const answer = await fetch(`${this.pages}/api/v1/${path}`, { headers: { authorization: `Bearer ${this.key}` } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async stop() {
    this.process.kill("SIGINT");
    const [code] = await this.ended;
    if (code !== 0) throw new Error(`the server did not end in order: ${code}`);
  }

  async clear() {
    this.process.kill("SIGKILL");
    await rm(this.data, { recursive: true, force: true });
  }
}
