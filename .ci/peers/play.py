"""Plays charging sessions with independent clients and holds each bill against what the tariff says."""

import asyncio
import base64
import json
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import websockets
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from ocpp.routing import on
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v16 import call as call16
from ocpp.v16 import call_result as result16
from ocpp.v201 import ChargePoint as ChargePoint201
from ocpp.v201 import call as call201
from standardwebhooks.webhooks import Webhook

PLUGTILL, SITE = sys.argv[1], sys.argv[2]
START = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(hours=3)
TEN_KWH = "3.50 EUR"


def at(minutes: float) -> str:
    return (START + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def session(charger: str, minutes: float) -> str:
    return f"{charger}~1~{(START + timedelta(minutes=minutes)).strftime('%Y-%m-%dT%H:%M:%S')}.000Z"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Mailbox(Message):
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.mails = []
        self.server = Controller(self, hostname="127.0.0.1", port=free_port())
        self.server.start()

    def handle_message(self, message) -> None:
        self.mails.append((time.time(), message))


class Receiver(BaseHTTPRequestHandler):
    """A system of the operator's own: keeps what it is told, with the headers."""

    told: list = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.told.append((dict(self.headers.items()), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_) -> None:
        pass


class Server:
    def __init__(self, data: str) -> None:
        self.data, self.mqtt, self.ocpp, self.http = data, free_port(), free_port(), free_port()
        address = lambda port: f"127.0.0.1:{port}"
        self.mailbox = Mailbox()
        receiver = HTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        sites = json.loads(Path(SITE).read_text())
        sites["sites"][0]["webhooks"] = [{"url": f"http://127.0.0.1:{receiver.server_port}/plugtill"}]
        site = Path(data) / "site.json"
        site.write_text(json.dumps(sites))
        subscribe = [PLUGTILL, "alerts", "subscribe", "email", "desk@example.com", "--site", "harbour", "--data", data]
        subprocess.run(subscribe, check=True, stdout=subprocess.DEVNULL)
        smtp = f"smtp://127.0.0.1:{self.mailbox.server.port}"
        self.process = subprocess.Popen(
            [PLUGTILL, "serve", "--site", str(site), "--data", data, "--mqtt", address(self.mqtt), "--ocpp",
             address(self.ocpp), "--http", address(self.http), "--smtp", smtp, "--mail-from", "plugtill <alerts@example.com>"],
            stdout=subprocess.PIPE, text=True)
        for _ in range(3):
            print("  " + self.process.stdout.readline().rstrip())

    def connect(self, charger: str, version: str, password: str | None = None):
        headers = {}
        if password is not None:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{charger}:{password}".encode()).decode()
        url = f"ws://127.0.0.1:{self.ocpp}/{charger}"
        return websockets.connect(url, subprotocols=[version], additional_headers=headers)

    def ask(self, *arguments: str):
        done = subprocess.run([PLUGTILL, *arguments, "--data", self.data], capture_output=True, text=True)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return json.loads(done.stdout)

    def page(self, address: str, **form: str) -> tuple[str, str]:
        """Where a page of the portal led to, and what stood there."""
        data = urllib.parse.urlencode(form).encode() if form else None
        with urllib.request.urlopen(urllib.parse.urljoin(f"http://127.0.0.1:{self.http}", address), data) as answer:
            return answer.url, answer.read().decode()

    def end(self) -> None:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(timeout=30) == 0, "the server did not end in order"

    def billed(self, name: str) -> dict:
        done = subprocess.run([PLUGTILL, "operator", "--data", self.data, "evidence", name], capture_output=True, text=True)
        assert done.returncode == 0, f"{name}: {done.stderr}"
        return json.loads(done.stdout)["receipt"]


class Charger16(ChargePoint16):
    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.told_to_start: asyncio.Future = asyncio.get_running_loop().create_future()
        self.told_to_stop: asyncio.Future = asyncio.get_running_loop().create_future()

    @on("RemoteStartTransaction")
    def remote_start(self, id_tag: str, **_):
        self.told_to_start.set_result(id_tag)
        return result16.RemoteStartTransaction(status="Accepted")

    @on("RemoteStopTransaction")
    def remote_stop(self, transaction_id: int):
        self.told_to_stop.set_result(transaction_id)
        return result16.RemoteStopTransaction(status="Accepted")


def meter(register: int, minutes: float) -> list:
    return [{"timestamp": at(minutes), "sampled_value": [{"value": str(register), "unit": "Wh"}]}]


async def started(charger: Charger16, minutes: float) -> int:
    request = call16.StartTransaction(connector_id=1, id_tag="TAG1", meter_start=1000, timestamp=at(minutes))
    first, again = await charger.call(request), await charger.call(request)
    assert first.id_tag_info["status"] == "Accepted", first
    assert first.transaction_id == again.transaction_id, "the same start has the same transaction"
    return first.transaction_id


async def stopped(charger: Charger16, transaction: int, minutes: float) -> None:
    await charger.call(call16.MeterValues(connector_id=1, transaction_id=transaction, meter_value=meter(6000, minutes - 30)))
    await charger.call(call16.StopTransaction(
        meter_stop=11000, timestamp=at(minutes), transaction_id=transaction, reason="EVDisconnected"))


async def version_16(server: Server) -> None:
    async with server.connect("PEER16", "ocpp1.6") as connection:
        charger = Charger16("PEER16", connection)
        listening = asyncio.create_task(charger.start())
        boot = await charger.call(call16.BootNotification(charge_point_model="M", charge_point_vendor="V"))
        assert boot.status == "Accepted" and boot.interval == 300, boot
        await charger.call(call16.Heartbeat())
        for tag, status in [("TAG1", "Accepted"), ("NOBODY", "Invalid")]:
            assert (await charger.call(call16.Authorize(id_tag=tag))).id_tag_info["status"] == status
        fault = call16.StatusNotification(connector_id=1, error_code="GroundFailure", status="Faulted", timestamp=at(0))
        await charger.call(fault)
        await charger.call(call16.StatusNotification(connector_id=1, error_code="NoError", status="Available", timestamp=at(1)))
        transaction = await started(charger, 2)
        await stopped(charger, transaction, 62)
        await charger.call(call16.StatusNotification(connector_id=1, error_code="NoError", status="Available", timestamp=at(63)))
        assert (await charger.call(call16.DataTransfer(vendor_id="X"))).status == "UnknownVendorId"
        listening.cancel()


async def version_201(server: Server) -> None:
    def event(kind: str, number: int, minutes: float, trigger: str, info: dict | None = None, **more):
        return call201.TransactionEvent(
            event_type=kind, timestamp=at(minutes), trigger_reason=trigger, seq_no=number,
            transaction_info={"transaction_id": "T-201", **(info or {})}, **more)

    def reading(register: float, minutes: float) -> list:
        return [{"timestamp": at(minutes), "sampled_value": [{"value": register}]}]

    async with server.connect("PEER201", "ocpp2.0.1") as connection:
        charger = ChargePoint201("PEER201", connection)
        listening = asyncio.create_task(charger.start())
        await charger.call(call201.BootNotification(charging_station={"model": "M", "vendor_name": "V"}, reason="PowerUp"))
        token = {"id_token": "TAG1", "type": "ISO14443"}
        first = await charger.call(event("Started", 0, 2, "Authorized", id_token=token))
        assert first.id_token_info["status"] == "Accepted", first
        await charger.call(event("Updated", 1, 3, "CablePluggedIn", evse={"id": 1, "connector_id": 1}))
        charging = {"charging_state": "Charging"}
        await charger.call(event("Updated", 2, 4, "ChargingStateChanged", charging, meter_value=reading(1000, 4)))
        await charger.call(event("Updated", 3, 30, "MeterValuePeriodic", meter_value=reading(6000, 30)))
        ended = {"stopped_reason": "EVDisconnected"}
        await charger.call(event("Ended", 4, 62, "EVDeparted", ended, meter_value=reading(11000, 62)))
        listening.cancel()


async def offline(server: Server) -> None:
    async with server.connect("OFFLINE", "ocpp1.6") as connection:
        charger = Charger16("OFFLINE", connection)
        listening = asyncio.create_task(charger.start())
        transaction = await started(charger, 2)
        listening.cancel()
    # It charges without a connection, and tells everything twice when it is back.
    async with server.connect("OFFLINE", "ocpp1.6") as connection:
        charger = Charger16("OFFLINE", connection)
        listening = asyncio.create_task(charger.start())
        for _ in range(2):
            await stopped(charger, transaction, 62)
        listening.cancel()


async def remote_stop(server: Server) -> None:
    async with server.connect("STOPPED", "ocpp1.6") as connection:
        charger = Charger16("STOPPED", connection)
        listening = asyncio.create_task(charger.start())
        await charger.call(call16.BootNotification(charge_point_model="M", charge_point_vendor="V"))
        transaction = await started(charger, 2)
        order = asyncio.to_thread(server.ask, "charger", "stop", session("STOPPED", 2))
        await order
        assert await asyncio.wait_for(charger.told_to_stop, 20) == transaction
        await stopped(charger, transaction, 62)
        listening.cancel()


async def passwords(server: Server) -> None:
    added = await asyncio.to_thread(
        server.ask, "charger", "add", "SECRET", "--site", "harbour", "--connector", "1:22000")
    async with server.connect("SECRET", "ocpp1.6", added["password"]):
        pass
    for charger, password in [("SECRET", "not the password"), ("SECRET", None), ("STRANGER", "any password at all")]:
        try:
            async with server.connect(charger, "ocpp1.6", password):
                raise AssertionError(f"{charger} was let in")
        except websockets.exceptions.InvalidStatus as refused:
            assert refused.response.status_code in (401, 404), refused


async def card_at_the_page(server: Server) -> float:
    async with server.connect("PAYER", "ocpp1.6") as connection:
        charger = Charger16("PAYER", connection)
        listening = asyncio.create_task(charger.start())
        await charger.call(call16.BootNotification(charge_point_model="M", charge_point_vendor="V"))
        browse = lambda *address, **form: asyncio.to_thread(server.page, *address, **form)
        pay_at, shown = await browse("/checkouts", charger="PAYER", connector="1")
        assert "Pay 20.00 EUR" in shown, shown
        there, shown = await browse(pay_at, card="pm_card_chargeDeclinedInsufficientFunds")
        assert there == pay_at and "insufficient funds" in shown, shown
        there, shown = await browse(pay_at, card="pm_card_visa")
        assert "/checkouts/" in there, there
        tag = await asyncio.wait_for(charger.told_to_start, 20)
        assert (await charger.call(call16.Authorize(id_tag=tag))).id_tag_info["status"] == "Accepted"
        # Two kWh in half a minute, at 400 kW.
        now = (datetime.now(timezone.utc) - START).total_seconds() // 1 / 60
        start = call16.StartTransaction(connector_id=1, id_tag=tag, meter_start=1000, timestamp=at(now))
        started = await charger.call(start)
        assert started.id_tag_info["status"] == "Accepted", started
        await charger.call(call16.StopTransaction(
            meter_stop=3000, timestamp=at(now + 0.5), transaction_id=started.transaction_id, reason="EVDisconnected"))
        listening.cancel()
        return now


async def mosquitto(server: Server) -> None:
    client = ["-h", "127.0.0.1", "-p", str(server.mqtt), "-u", "MQTT", "-P", "none", "-i", "MQTT"]

    def exchange(frame: list) -> list:
        # One client may be connected under the charger's name: it listens and speaks in one session.
        listener = subprocess.Popen(
            ["mosquitto_rr", *client, "-V", "mqttv311", "-q", "1", "-t", "MQTT/in", "-e", "MQTT/out", "-m", json.dumps(frame), "-W", "15"],
            stdout=subprocess.PIPE, text=True)
        answer, _ = listener.communicate(timeout=20)
        assert listener.returncode == 0, f"no answer to {frame}"
        return json.loads(answer)

    say = lambda frame: asyncio.to_thread(exchange, frame)
    assert (await say([2, "1", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}]))[2]["status"] == "Accepted"
    start = {"connectorId": 1, "idTag": "TAG1", "meterStart": 1000, "timestamp": at(2)}
    transaction = (await say([2, "2", "StartTransaction", start]))[2]["transactionId"]
    stop = {"transactionId": transaction, "meterStop": 11000, "timestamp": at(62), "reason": "EVDisconnected"}
    assert (await say([2, "3", "StopTransaction", stop]))[1] == "3"


async def until(found, seconds: float):
    for _ in range(int(seconds * 10)):
        if (it := found()) is not None:
            return it
        await asyncio.sleep(0.1)
    raise AssertionError(f"not within {seconds} s")


async def emergency(server: Server) -> None:
    async with server.connect("ALARM", "ocpp1.6") as connection:
        charger = Charger16("ALARM", connection)
        listening = asyncio.create_task(charger.start())
        now = datetime.now(timezone.utc).replace(microsecond=0).isoformat().replace("+00:00", "Z")
        said = time.time()
        await charger.call(call16.StatusNotification(
            connector_id=1, error_code="OtherError", status="Faulted", vendor_error_code="EmergencyStop", timestamp=now))
        told = lambda: next((it for it in server.mailbox.mails if "Emergency stop" in it[1]["subject"]), None)
        arrived, mail = await until(told, 20)
        assert mail["to"] == "desk@example.com" and "ALARM connector 1" in mail["subject"], mail
        assert arrived - said < 5, f"mailed after {arrived - said:.1f} s"
        text = mail.get_payload(decode=True).decode()
        link = text.split()[-1]
        browse = lambda *address, **form: asyncio.to_thread(server.page, *address, **form)
        _, shown = await browse(link)
        assert "The emergency stop is pressed" in shown, shown
        _, shown = await browse(link, by="Night shift")
        assert "Night shift looks after it" in shown, shown
        listening.cancel()
    addresses = await asyncio.to_thread(server.ask, "webhooks", "list")
    hook = Webhook(addresses["addresses"][0]["secret"])

    def opened():
        # The library refuses what is not signed as the standard says.
        told = [hook.verify(body, headers) for headers, body in Receiver.told]
        return next((it for it in told if it["type"] == "incident.opened" and "ALARM" in json.dumps(it)), None)

    incident = await until(opened, 20)
    assert incident["data"]["severity"] == "critical", incident


SCENARIOS = [
    ("an emergency stop, mailed, acknowledged and told to a webhook", emergency, None),
    ("a card at the pages of the portal", card_at_the_page, "PAYER"),
    ("OCPP 1.6, with a fault, by the client of PyPI", version_16, "PEER16"),
    ("OCPP 2.0.1 by the client of PyPI", version_201, "PEER201"),
    ("offline, then everything twice", offline, "OFFLINE"),
    ("stopped by an operator's order", remote_stop, "STOPPED"),
    ("passwords, and a stranger", passwords, None),
    ("MQTT by mosquitto", mosquitto, "MQTT"),
]


async def main() -> int:
    failed = 0
    with tempfile.TemporaryDirectory() as data:
        server, began = Server(data), {}
        opened = time.monotonic()
        for name, play, _ in SCENARIOS:
            try:
                began[name] = await asyncio.wait_for(play(server), 60) or 2
                print(f"ok      {name}")
            except Exception as error:  # each scenario is told, whatever went wrong in it
                failed += 1
                print(f"FAILED  {name}: {type(error).__name__}: {error}")
        # What has ended is settled and paid, the session with the fast clock too.
        await asyncio.sleep(max(3, opened + 45 - time.monotonic()))
        server.end()
        settled = {json.loads(body)["data"]["charger"] for _, body in Receiver.told if '"session.settled"' in body}
        for name, _, charger in SCENARIOS:
            if charger is None or name not in began:
                continue
            if charger not in settled:
                failed += 1
                print(f"FAILED  {name}: no webhook told that it is settled")
            receipt = server.billed(session(charger, began[name]))
            paid = [moved["amount"] for moved in receipt["moves"] if moved["what"] == "charged to your card"]
            if paid == ["0.70 EUR" if charger == "PAYER" else TEN_KWH] and receipt["outcome"] == "captured":
                print(f"ok      {name}: paid once, {paid[0]}")
            else:
                failed += 1
                print(f"FAILED  {name}: {receipt['outcome']}, paid {paid}")
    return failed


sys.exit(min(asyncio.run(main()), 1))
