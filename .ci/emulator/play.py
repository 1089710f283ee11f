"""Plays sessions against the deployed functions and looks at what came of them; stops at the first thing that is wrong.

    play.py DEPLOYMENT SITES
"""

import hashlib
import hmac
import json
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import boto3
from botocore.exceptions import ClientError
from console import (
    a_machine_asks_with_its_key,
    a_stall_says_its_price,
    an_operator_signs_in_and_sees_what_was_paid,
    nobody_sees_the_console_or_the_api,
)
from deployed import NEXT_MINUTE, Deployed, Failed, Json, Receiver, answered, expect, until

BEGAN = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(hours=3)
PHONE = "+491520000002"
NOT_A_DOORBELL, NOT_AN_EVENT = "no doorbell at all", {"neither": "a request nor an event"}
# What the totals of a day hold besides money.
COUNTED = ("sessions", "energy_wh", "plugged_s", "idle_s", "idle_fees", "leaks")
# Nothing but their place is wrong with them: what is no JSON, what is no frame, a charger and a connector nobody knows.
BROKEN = [("SAVED", b"this is no frame {{"), ("SAVED", b'{"an": "object"}'),
          ("NOBODY", b'[2,"n1","Heartbeat",{}]'),
          ("SAVED", b'[2,"n2","StatusNotification",{"connectorId":9,"errorCode":"NoError","status":"Available"}]')]


def at(minutes: float) -> str:
    return (BEGAN + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def start(tag: str, when: str) -> Json:
    return {"connectorId": 1, "idTag": tag, "meterStart": 1000, "timestamp": when}


def meter(transaction: int, register: int, when: str) -> Json:
    value = {"timestamp": when, "sampledValue": [{"value": str(register), "unit": "Wh"}]}
    return {"connectorId": 1, "transactionId": transaction, "meterValue": [value]}


def stop(transaction: int, register: int, when: str) -> Json:
    return {"transactionId": transaction, "meterStop": register, "timestamp": when, "reason": "EVDisconnected"}


def status(state: str, code: str, when: str) -> Json:
    return {"connectorId": 1, "status": state, "errorCode": code, "timestamp": when}


def minor(money: Json) -> tuple[int, str]:
    return money["minor"], money["currency"]


# ---- Checks, in the order in which they are done


def every_role_is_held_to_its_policies(_: Deployed) -> None:
    identities = boto3.client("iam")
    identities.create_user(UserName="nobody")
    key = identities.create_access_key(UserName="nobody")["AccessKey"]
    known = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    try:
        boto3.client("dynamodb", **known).list_tables()
    except ClientError as refused:
        expect("who has no policy is refused", refused.response["Error"]["Code"], "AccessDeniedException")
        return
    raise Failed("somebody without any policy may list tables: then policies prove nothing here")


def sites_are_tried_then_published(deployed: Deployed) -> None:
    file = json.loads(Path(sys.argv[2]).read_text())
    file["sites"][0]["webhooks"] = [{"url": deployed.receiver, "events": ["session.settled", "incident.opened"]}]
    for apply in (False, True):
        answer = deployed.order({"publish": {"file": file, "by": "emulator", "apply": apply}})
        expect("sites published", [(it["site"], it["change"], it["applied"]) for it in answer],
               [("harbour", "opened", apply), ("yard", "opened", apply)])


def a_fault_is_told_at_once(deployed: Deployed) -> None:
    boot = deployed.asked("FAULTY", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
    expect("the boot is accepted", boot["status"], "Accepted")
    deployed.call("FAULTY", "StatusNotification", status("Faulted", "GroundFailure", at(0)))
    alert = until("the fault is told", lambda: next(iter(deployed.alerted("charger_fault", "opened")), None))
    if "FAULTY" not in alert["Subject"]:
        raise Failed(f"the alert does not name the charger: {alert['Subject']}")
    page = alert["Message"].split()[-1]
    answered("the page of the incident", deployed.browse("GET", page), 200, "FAULTY")
    answered("the page takes a name", deployed.browse("POST", page, by="Night shift"), 303)
    looked_after = deployed.order({"incidents": {}})
    expect("somebody looks after it", [(it["facts"], it["acknowledged_by"]) for it in looked_after],
           [("GroundFailure", "Night shift")])
    deployed.call("FAULTY", "StatusNotification", status("Available", "NoError", at(1)))


def a_card_is_saved_by_a_link(deployed: Deployed) -> None:
    link = deployed.order({"card_link": {"site": "harbour", "tag": "TAG1", "by": "emulator"}})
    answered("the page to save a card at", deployed.browse("GET", link), 200, "Harbour")
    led = deployed.browse("POST", link)
    answered("it leads to Stripe's page", led, 303)
    answered("a card is given there", deployed.pay(led.headers["location"], "pm_card_visa"), 204)
    until("the card is kept", lambda: next((True for it in deployed.items("payer") or deployed.items()
                                            if "TAG1" in json.dumps(it, default=str) and "pm_" in json.dumps(it, default=str)), None))


def a_saved_card_pays_a_session(deployed: Deployed) -> None:
    expect("a tag with a card", deployed.asked("SAVED", "Authorize", {"idTag": "TAG1"})["idTagInfo"]["status"], "Accepted")
    expect("a tag without", deployed.asked("SAVED", "Authorize", {"idTag": "NOBODY"})["idTagInfo"]["status"], "Invalid")
    started = deployed.asked("SAVED", "StartTransaction", start("TAG1", at(2)))
    transaction = started["transactionId"]
    until("20.00 are held", lambda: deployed.books()["open_holds"] == 1 or None)
    deployed.call("SAVED", "MeterValues", meter(transaction, 6000, at(30)))
    deployed.call("SAVED", "StopTransaction", stop(transaction, 11000, at(62)))
    deployed.call("SAVED", "StatusNotification", status("Available", "NoError", at(63)))
    head = deployed.settled("SAVED", at(2))
    # 10 kWh at 0.35 are 3.50, and 20 per cent of that 0.70.
    expect("billed", minor(head["bill"]["total"]), (420, "EUR"))
    expect("the outcome", (head["outcome"], head["receipt_number"]), ("captured", "R-000001"))
    expect("Stripe took", deployed.books()["captured_minor_by_session"], {head["id"]: 420})


def a_driver_pays_at_the_page_and_is_texted_the_receipt(deployed: Deployed) -> None:
    led = deployed.browse("POST", "/checkouts", charger="PAGE", connector="1", phone=PHONE)
    answered("a driver is led to Stripe's page", led, 303)
    poor = deployed.pay(led.headers["location"], "pm_card_chargeDeclinedInsufficientFunds")
    answered("a card without money is declined", poor, 402, "insufficient_funds")
    answered("another card pays", deployed.pay(led.headers["location"], "pm_card_visa"), 204)
    command = deployed.told("PAGE", lambda frame: frame[0] == 2 and frame[2] == "RemoteStartTransaction")
    deployed.say("PAGE", [3, command[1], {"status": "Accepted"}])
    tag, now = command[3]["idTag"], datetime.now(timezone.utc).replace(microsecond=0)
    began, ended = (it.isoformat().replace("+00:00", "Z") for it in (now, now + timedelta(seconds=30)))
    started = deployed.asked("PAGE", "StartTransaction", start(tag, began))
    expect("the session is accepted", started["idTagInfo"]["status"], "Accepted")
    deployed.call("PAGE", "StopTransaction", stop(started["transactionId"], 3777, ended))
    head = deployed.settled("PAGE", began)
    # 2.777 kWh at 0.35 are 0.97, and 20 per cent of that 0.19.
    expect("billed", (minor(head["bill"]["total"]), head["outcome"]), ((116, "EUR"), "captured"))
    expect("Stripe took", deployed.books()["captured_minor_by_session"][head["id"]], 116)
    text = until("the driver is texted", lambda: next(iter(deployed.texts(PHONE)), None))
    the_receipt_is_behind_its_link(deployed, text.split()[-1], head)


def the_receipt_is_behind_its_link(deployed: Deployed, link: str, head: Json) -> None:
    led = deployed.browse("GET", link)
    page = led.headers.get("location", "")
    expect("the short link leads on", (led.status, "/sessions/" in page), (303, True))
    shown = deployed.browse("GET", page)
    answered("the receipt", shown, 200, "1.16", head["receipt_number"])
    expect("nobody keeps it", shown.headers.get("cache-control"), "no-store")
    receipt = deployed.browse("GET", f"{page}/receipt.json")
    expect("it is there as JSON", (receipt.status, json.loads(receipt.body)["number"]), (200, head["receipt_number"]))
    answered("it runs no longer", deployed.browse("GET", f"{page}/live"), 204)
    answered("no meter signed", deployed.browse("GET", f"{page}/signed.xml"), 404)
    answered("nothing is owed", deployed.browse("POST", f"{page}/payments"), 409, "Nothing is owed")
    answered("a forged link", deployed.browse("GET", page[:-4] + "AAAA"), 404)


def a_session_of_another_back_end_is_read_along(deployed: Deployed) -> None:
    name = deployed.call("YARD", "StartTransaction", start("STRANGER", at(5)))
    deployed.say("YARD", [3, name, {"transactionId": 77, "idTagInfo": {"status": "Accepted"}}], "out")
    deployed.call("YARD", "MeterValues", meter(77, 6000, at(35)))
    deployed.call("YARD", "StopTransaction", stop(77, 11000, at(65)))
    deployed.call("YARD", "StatusNotification", status("Available", "NoError", at(66)))
    head = deployed.settled("YARD", at(5))
    # 10 kWh at 0.49 and 1.00 are 5.90, and 19 per cent of that 1.12.
    expect("billed", minor(head["bill"]["total"]), (702, "EUR"))
    expect("nobody pays", (head["outcome"], head["reason"], minor(head["uncollectable"])),
           ("uncollectable", "no_payment_method", (702, "EUR")))
    owed = deployed.order("balances")
    expect("the operator sees it", [(it["session"], it["id_tag"]) for it in owed], [(head["id"], "STRANGER")])


def what_was_posted_sums_to_zero(deployed: Deployed) -> None:
    posted: Counter[str] = Counter()
    for item in deployed.items("j#"):
        legs = json.loads(item["doc"])["legs"]
        expect(f"the legs of {item['sk']} sum to", sum(legs.values()), 0)
        posted.update(legs)
    kept: Counter[str] = Counter()
    for item in deployed.items("d#"):
        kept.update({name: int(value) for name, value in item.items() if name not in ("pk", "sk", *COUNTED)})
    hours = sum(kept.pop(name) for name in list(kept) if name.startswith("hour"))
    expect("the totals of the day are the postings", dict(kept), dict(posted))
    expect("the hours of the week hold what was billed", hours, 420 + 116 + 702)
    expect("captured and owed", (posted["captured"], posted["uncollectable"]), (420 + 116, 702))


def the_same_messages_again_change_nothing(deployed: Deployed) -> None:
    deployed.quiet()
    before, books, said, alerts = money_and_alerts(deployed), deployed.books(), len(deployed.said), deployed.texts(PHONE)
    for topic, payload in list(deployed.said):
        deployed.broker.publish(topic=topic, qos=1, payload=payload)
    time.sleep(2)
    deployed.quiet()
    print(f"          {said} messages once more")
    after = money_and_alerts(deployed)
    expect("which items there are", sorted(after), sorted(before))
    for key, item in before.items():
        expect(key, after[key], item)
    expect("Stripe's books", deployed.books(), books)
    expect("text messages", deployed.texts(PHONE), alerts)
    expect("the fault is told once", len(deployed.alerted("charger_fault", "opened")), 1)


def money_and_alerts(deployed: Deployed) -> dict[str, Json]:
    """Heads, postings, totals, numbers, incidents and notices, by their keys; how often each was written is no part of it."""
    wanted = lambda it: it["pk"].split("#")[0] in ("j", "d", "numbers", "i", "n") or it["sk"].startswith("s#")
    return {f"{it['pk']} {it['sk']}": {**it, "version": None} for it in deployed.items() if wanted(it)}


def what_cannot_be_used_is_kept_with_its_bytes(deployed: Deployed) -> None:
    for charger, payload in BROKEN:
        deployed.say(charger, payload)
    kept = lambda: {(it["charger"], it["bytes"].encode()) for it in deployed.order({"quarantine": {}})}
    until("all that is broken is in quarantine", lambda: set(BROKEN) <= kept() or None)
    [first] = [it for it in deployed.order({"quarantine": {}}) if it["bytes"].encode() == BROKEN[0][1]]
    if "JSON" not in first["reason"]:
        raise Failed(f"the reason does not say what is wrong: {first['reason']}")


def a_retry_files_what_the_site_did_not_know(deployed: Deployed) -> None:
    """The hand-in goes through the queue to charger-events, under the operator's role."""
    [stranger] = [it for it in deployed.order({"quarantine": {}}) if it["charger"] == "NOBODY"]
    deployed.order({"review": {"id": stranger["id"], "decision": "retry", "by": "emulator"}})
    back = lambda: [it for it in deployed.order({"quarantine": {"all": True}}) if it["charger"] == "NOBODY" and "review" not in it]
    until("what still has no site is back in quarantine", lambda: back() or None)


def addresses_that_lead_nowhere_say_so(deployed: Deployed) -> None:
    for method, path, code, words in [
        ("GET", "/checkouts/000000000000000000", 404, "nothing at this address"),
        ("GET", "/sessions/forged.link", 404, "nothing at this address"),
        ("GET", "/cards/forged.link", 404, "nothing at this address"),
        ("GET", "/s/nothing", 404, "nothing at this address"),
        ("GET", "/i/nothing", 404, "nothing at this address"),
        ("GET", "/not/a/route", 404, "Not Found"),
        ("POST", "/checkouts", 400, "no charger “CP9”"),
    ]:
        form = {"charger": "CP9", "connector": "1"} if path == "/checkouts" else {}
        answered(f"{method} {path}", deployed.browse(method, path, **form), code, words)


def a_webhook_is_believed_by_its_signature(deployed: Deployed) -> None:
    body = json.dumps({"id": "evt_emulator", "object": "event", "type": "product.created", "created": int(time.time()),
                       "api_version": "2025-01-01", "livemode": False, "data": {"object": {"id": "prod_1", "object": "product"}}})
    signed_at = str(int(time.time()))
    digest = hmac.new(os.environ["STRIPE_WEBHOOK_SECRET"].encode(), f"{signed_at}.{body}".encode(), hashlib.sha256).hexdigest()
    good = f"t={signed_at},v1={digest}"
    for what, signature, sent, code in [
        ("no signature", None, body, 400),
        ("a wrong signature", f"t={signed_at},v1={'0' * 64}", body, 400),
        ("the signature of another text", good, body + " ", 400),
        ("a good signature", good, body, 200),
    ]:
        headers = {"host": deployed.outputs["PortalUrl"].split("//")[1], "content-type": "application/json"}
        headers |= {"stripe-signature": signature} if signature else {}
        answered(what, deployed.request(deployed.gateway, "POST", "/stripe/webhook", sent, headers), code)
    if not deployed.items("event#"):
        raise Failed("none of the simulator's own events was filed")


def the_books_agree_with_stripes(deployed: Deployed) -> None:
    compared = deployed.invoke("reconcile", {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})
    expect("differences", compared["differences"], [])
    expect("sessions and charges", (compared["sessions"], compared["charges"]), (3, 2))
    expect("holds that stand", deployed.books()["open_holds"], 0)


def what_a_function_cannot_take_ends_among_the_dead_letters(deployed: Deployed) -> None:
    queues = deployed.queues()
    usual = deployed.sqs.get_queue_attributes(QueueUrl=queues["settle"], AttributeNames=["VisibilityTimeout"])["Attributes"]
    # A message comes back when it becomes visible: twelve minutes, five times over, is an hour.
    deployed.sqs.set_queue_attributes(QueueUrl=queues["settle"], Attributes={"VisibilityTimeout": "1"})
    deployed.sqs.send_message(QueueUrl=queues["settle"], MessageBody=NOT_A_DOORBELL)
    deployed.hand_over("stripe-webhook", NOT_AN_EVENT)
    for name in ("settle-dead-letters", "stripe-webhook-dead-letters"):
        until(f"a message among {name}", lambda url=queues[name]: deployed.waiting(url) == 1 or None)
    deployed.sqs.set_queue_attributes(QueueUrl=queues["settle"], Attributes=usual)
    expect("what settle did not take", read(deployed, queues["settle-dead-letters"]), NOT_A_DOORBELL)
    kept = json.loads(read(deployed, queues["stripe-webhook-dead-letters"]))
    expect("what stripe-webhook did not take", kept["requestPayload"], NOT_AN_EVENT)
    expect("how often it was tried", kept["requestContext"]["approximateInvokeCount"], 3)


def read(deployed: Deployed, url: str) -> str:
    [message] = deployed.sqs.receive_message(QueueUrl=url)["Messages"]
    deployed.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    body: str = message["Body"]
    return body


def the_end_of_the_fault_is_told_once(deployed: Deployed) -> None:
    """All has to be well for two minutes; then the doorbell that waited, or the schedule, rings."""
    until("the end is told", lambda: deployed.alerted("charger_fault", "recovered") or None, 120 + NEXT_MINUTE)
    told = [len(deployed.alerted("charger_fault", event)) for event in ("opened", "recovered")]
    expect("beginning and end, each told", told, [1, 1])
    expect("who filters by another site hears", deployed.heard(deployed.elsewhere_queue), [])


def other_systems_are_told_by_webhook(deployed: Deployed) -> None:
    settled = lambda: {it["data"]["charger"]: it["data"]["billed"] for it in Receiver.told if it["type"] == "session.settled"}
    until("both sessions are told", lambda: len(settled()) == 2 or None, NEXT_MINUTE)
    expect("whose", sorted(settled()), ["PAGE", "SAVED"])
    until("the incident is told", lambda: any(it["type"] == "incident.opened" for it in Receiver.told) or None, NEXT_MINUTE)


def the_schedule_swept_every_minute(deployed: Deployed) -> None:
    began = lambda: deployed.logs.filter_log_events(logGroupName=f"/aws/lambda/{deployed.stack}-sweep", filterPattern="START")["events"]
    until("sweep ran twice, and nobody called it", lambda: len(began()) >= 2 or None, NEXT_MINUTE)


def nothing_is_left_and_no_function_failed(deployed: Deployed) -> None:
    deployed.quiet()
    dead = {name: deployed.waiting(url) for name, url in deployed.queues().items() if name.endswith("dead-letters")}
    expect("dead letters", dead, dict.fromkeys(dead, 0))
    expect("queues of dead letters", len(dead), 6)
    ours = ("message is not a session's doorbell", "missing field `requestContext`")
    errors = [line for line in deployed.errors() if not any(it in line for it in ours)]
    expect("errors in the logs, but for those of the two that were sent to fail", errors, [])


CHECKS: list[Callable[[Deployed], None]] = [
    every_role_is_held_to_its_policies,
    sites_are_tried_then_published,
    a_fault_is_told_at_once,
    a_card_is_saved_by_a_link,
    a_saved_card_pays_a_session,
    a_driver_pays_at_the_page_and_is_texted_the_receipt,
    a_session_of_another_back_end_is_read_along,
    what_was_posted_sums_to_zero,
    a_stall_says_its_price,
    nobody_sees_the_console_or_the_api,
    an_operator_signs_in_and_sees_what_was_paid,
    a_machine_asks_with_its_key,
    the_same_messages_again_change_nothing,
    what_cannot_be_used_is_kept_with_its_bytes,
    a_retry_files_what_the_site_did_not_know,
    addresses_that_lead_nowhere_say_so,
    a_webhook_is_believed_by_its_signature,
    the_books_agree_with_stripes,
    what_a_function_cannot_take_ends_among_the_dead_letters,
    the_end_of_the_fault_is_told_once,
    other_systems_are_told_by_webhook,
    the_schedule_swept_every_minute,
    nothing_is_left_and_no_function_failed,
]


def main() -> int:
    deployed = Deployed(Path(sys.argv[1]))
    for check in CHECKS:
        name, began = check.__name__.replace("_", " "), time.monotonic()
        try:
            check(deployed)
        except Exception as error:
            told = str(error) if isinstance(error, Failed) else traceback.format_exc()
            print(f"FAILED  {name}: {told}", *(line[:500] for line in deployed.errors()[-5:]), sep="\n  logged:   ")
            return 1
        print(f"ok {time.monotonic() - began:5.1f} s  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
