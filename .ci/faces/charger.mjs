// A charger: OCPP 1.6 over WebSocket, as much of it as it takes to charge.

import { once } from "node:events";
import WebSocket from "ws";

export class Charger {
  static async connect(server, name) {
    const charger = new Charger();
    charger.socket = new WebSocket(`${server.chargers}/${name}`, ["ocpp1.6"]);
    charger.calls = new Map();
    charger.told = new Map();
    charger.socket.on("message", (text) => charger.heard(JSON.parse(text)));
    await once(charger.socket, "open");
    await charger.call("BootNotification", { chargePointVendor: "V", chargePointModel: "M" });
    return charger;
  }

  heard([kind, id, action, request]) {
    if (kind === 2) {
      this.socket.send(JSON.stringify([3, id, { status: "Accepted" }]));
      this.waiting(action).tell(request);
    } else {
      this.calls.get(id)?.(action);
    }
  }

  waiting(action) {
    if (!this.told.has(action)) {
      const it = {};
      it.promise = new Promise((tell) => { it.tell = tell; });
      this.told.set(action, it);
    }
    return this.told.get(action);
  }

  /** What the back end orders first under this name. */
  ordered(action) {
    return this.waiting(action).promise;
  }

  /** The back end's answer; of an error its code. */
  call(action, request) {
    const id = String(this.calls.size + 1);
    this.socket.send(JSON.stringify([2, id, action, request]));
    return new Promise((answer) => this.calls.set(id, answer));
  }

  status(connector, state, at, more = { errorCode: "NoError" }) {
    return this.call("StatusNotification", { connectorId: connector, status: state, timestamp: at, ...more });
  }

  async begin(connector, tag, register, at) {
    const asked = { connectorId: connector, idTag: tag, meterStart: register, timestamp: at };
    const { transactionId } = await this.call("StartTransaction", asked);
    await this.status(connector, "Charging", at);
    return transactionId;
  }

  meter(connector, transaction, register, at) {
    const value = { timestamp: at, sampledValue: [{ value: String(register), unit: "Wh" }] };
    return this.call("MeterValues", { connectorId: connector, transactionId: transaction, meterValue: [value] });
  }

  async end(connector, transaction, register, at, reason = "EVDisconnected") {
    await this.call("StopTransaction", { transactionId: transaction, meterStop: register, timestamp: at, reason });
    await this.status(connector, "Available", at);
  }

  leave() {
    this.socket.close();
  }
}
