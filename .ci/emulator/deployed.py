"""What is deployed, as those see it who use it: chargers, drivers, operators, Stripe."""

import http.client
import itertools
import json
import os
import threading
import time
import urllib.parse
import zlib
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, TypeVar

import boto3
from boto3.dynamodb.types import Binary

Found = TypeVar("Found")
Json = Any
# Whatever is rung for is done within seconds; the schedule rings once a minute.
SOON, NEXT_MINUTE = 30.0, 90.0


class Failed(Exception):
    """A check did not find what it expected."""


def expect(what: str, actual: object, expected: object) -> None:
    if actual != expected:
        raise Failed(f"{what}\n  expected: {expected}\n  actual:   {actual}")


def until(what: str, look: Callable[[], Found | None], seconds: float = SOON) -> Found:
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.2)
    return found


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: str


def answered(what: str, answer: Answer, status: int, *words: str) -> None:
    if answer.status != status or not all(word in answer.body for word in words):
        raise Failed(f"{what}\n  expected: {status} {' … '.join(words)}\n  actual:   {answer.status} {answer.body[:200]}")


class Receiver(BaseHTTPRequestHandler):
    """A system of the operator's own: keeps what it is told."""

    told: list[Json] = []

    def do_POST(self) -> None:
        self.told.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def readable(item: dict[str, Any]) -> dict[str, Any]:
    """An item with its long texts, which are stored deflated."""
    text = lambda value: zlib.decompress(bytes(value), wbits=-15).decode() if isinstance(value, Binary) else value
    return {name: text(value) for name, value in item.items()}


class Deployed:
    def __init__(self, deployment: Path) -> None:
        self.outputs: dict[str, str] = json.loads(deployment.read_text())
        self.stack = self.outputs["Stack"]
        self.gateway = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc
        self.stripe = urllib.parse.urlsplit(os.environ["STRIPE_API_URL"]).netloc
        self.table = boto3.resource("dynamodb").Table(self.outputs["TableName"])
        self.sqs, self.sns, self.iot = boto3.client("sqs"), boto3.client("sns"), boto3.client("iot")
        self.broker, self.functions, self.logs = boto3.client("iot-data"), boto3.client("lambda"), boto3.client("logs")
        self.said: list[tuple[str, bytes]] = []
        self.numbers = itertools.count(1)
        self.answers: list[tuple[str, Json]] = []
        self.alerts: list[Json] = []
        self.answers_queue = self.queue_of_answers()
        self.alerts_queue = self.subscribed_queue("desk", {})
        self.elsewhere_queue = self.subscribed_queue("elsewhere", {"site": ["elsewhere"]})
        receiver = HTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        self.receiver = f"http://127.0.0.1:{receiver.server_port}/plugtill"

    # ---- Ears of our own

    def queue(self, name: str) -> tuple[str, str]:
        url: str = self.sqs.create_queue(QueueName=f"ears-{name}")["QueueUrl"]
        return url, self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def queue_of_answers(self) -> str:
        """What chargers are told, byte for byte."""
        url, _ = self.queue("answers")
        of_the_stack = self.iot.get_topic_rule(ruleName=self.iot.list_topic_rules()["rules"][0]["ruleName"])["rule"]
        role = of_the_stack["actions"][0]["sqs"]["roleArn"]
        sql = "SELECT encode(*, 'base64') AS frame, topic(1) AS charger FROM '+/out'"
        action = {"sqs": {"queueUrl": url, "roleArn": role, "useBase64": False}}
        rule = {"sql": sql, "awsIotSqlVersion": "2016-03-23", "actions": [action]}
        self.iot.create_topic_rule(ruleName="ears", topicRulePayload=rule)
        return url

    def subscribed_queue(self, name: str, wanted: dict[str, list[str]]) -> str:
        (url, arn), topic = self.queue(name), self.outputs["AlertTopicArn"]
        statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn,
                     "Condition": {"ArnEquals": {"aws:SourceArn": topic}}}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        wish = {"FilterPolicy": json.dumps(wanted)} if wanted else {}
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=wish)
        return url

    def heard(self, url: str) -> list[Json]:
        messages = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for it in messages:
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle=it["ReceiptHandle"])
        return [json.loads(it["Body"]) for it in messages]

    # ---- Chargers

    def say(self, charger: str, frame: Json, way: str = "in") -> None:
        payload = frame if isinstance(frame, bytes) else json.dumps(frame).encode()
        self.said.append((f"{charger}/{way}", payload))
        self.broker.publish(topic=f"{charger}/{way}", qos=1, payload=payload)

    def call(self, charger: str, action: str, request: Json) -> str:
        name = str(next(self.numbers))
        self.say(charger, [2, name, action, request])
        return name

    def told(self, charger: str, wanted: Callable[[Json], bool]) -> Json:
        """The first frame to a charger that is wanted."""
        def look() -> Json | None:
            for it in self.heard(self.answers_queue):
                self.answers.append((it["charger"], json.loads(b64decode(it["frame"]))))
            return next((frame for name, frame in self.answers if name == charger and wanted(frame)), None)
        return until(f"{charger} is told", look)

    def asked(self, charger: str, action: str, request: Json) -> Json:
        """What a charger is answered."""
        name = self.call(charger, action, request)
        return self.told(charger, lambda frame: frame[0] == 3 and frame[1] == name)[2]

    # ---- Operators

    def invoke(self, function: str, payload: Json) -> Json:
        """What a function answers, called by the alias that everything calls."""
        done = self.functions.invoke(FunctionName=f"{self.stack}-{function}:live", Payload=json.dumps(payload))
        answer = json.loads(done["Payload"].read())
        if "FunctionError" in done:
            raise Failed(f"{function} failed: {answer}")
        return answer

    def hand_over(self, function: str, payload: Json) -> None:
        """Calls a function as an event bus does, which waits for no answer. What is to be done when it fails is kept with the
        alias; the emulator looks for it at the function alone."""
        name = f"{self.stack}-{function}"
        of_the_alias = self.functions.get_function_event_invoke_config(FunctionName=name, Qualifier="live")
        wanted = {it: of_the_alias[it] for it in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")}
        self.functions.put_function_event_invoke_config(FunctionName=name, **wanted)
        self.functions.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(payload))

    def order(self, order: Json) -> Json:
        return self.invoke("operator", order)

    def alerted(self, kind: str, event: str) -> list[Json]:
        """The alerts of a kind, so far."""
        self.alerts += self.heard(self.alerts_queue)
        wanted = {"kind": kind, "event": event}
        attributes = lambda it: {name: value["Value"] for name, value in it["MessageAttributes"].items()}
        return [it for it in self.alerts if wanted.items() <= attributes(it).items()]

    # ---- Drivers

    def browse(self, method: str, address: str, more: dict[str, str] | None = None, **form: str) -> Answer:
        """A request to the HTTP API; `address` is a path, or one of the addresses that drivers are sent; `more` are headers."""
        portal, asked = urllib.parse.urlsplit(self.outputs["PortalUrl"]), urllib.parse.urlsplit(address)
        target = urllib.parse.urlunsplit(("", "", asked.path, asked.query, ""))
        headers = {"host": portal.netloc, "content-type": "application/x-www-form-urlencoded", **(more or {})}
        return self.request(self.gateway, method, target, urllib.parse.urlencode(form), headers)

    def texts(self, phone: str) -> list[str]:
        """The text messages to a driver, as the emulator keeps them."""
        kept = json.loads(self.request(self.gateway, "GET", "/_ministack/sns/sms-messages", "", {}).body)
        return [it["Message"] for messages in kept["sms_messages"].values() for it in messages if it["PhoneNumber"] == phone]

    def request(self, host: str, method: str, path: str, body: str, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection(host, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read().decode())
        finally:
            connection.close()

    # ---- Stripe

    def pay(self, page: str, card: str) -> Answer:
        order = json.dumps({"page": page.rsplit("/", 1)[-1], "card": card})
        return self.request(self.stripe, "POST", "/_simulator/pay", order, {"content-type": "application/json"})

    def books(self) -> Json:
        return json.loads(self.request(self.stripe, "GET", "/_simulator/books", "", {}).body)

    # ---- What is stored

    def items(self, prefix: str = "") -> list[dict[str, Any]]:
        found, page = [], self.table.scan(ConsistentRead=True)
        found += page["Items"]
        while "LastEvaluatedKey" in page:
            page = self.table.scan(ConsistentRead=True, ExclusiveStartKey=page["LastEvaluatedKey"])
            found += page["Items"]
        return sorted((readable(it) for it in found if it["pk"].startswith(prefix)), key=lambda it: (it["pk"], it["sk"]))

    def session(self, charger: str, started_at: str) -> Json | None:
        key = {"pk": f"c#{charger}#1", "sk": f"s#{started_at.removesuffix('Z')}.000Z"}
        item = self.table.get_item(Key=key, ConsistentRead=True).get("Item")
        return item and json.loads(readable(item)["doc"])

    def settled(self, charger: str, started_at: str) -> Json:
        """The head of a session once it has an outcome and its receipt a number."""
        def look() -> Json | None:
            head = self.session(charger, started_at)
            return head if head and head.get("outcome") not in (None, "open") and head.get("receipt_number") else None
        return until(f"the session of {charger} is settled", look, NEXT_MINUTE)

    # ---- Queues

    def queues(self) -> dict[str, str]:
        """The queues of the stack by their short names."""
        urls = self.sqs.list_queues(QueueNamePrefix=f"{self.stack}-")["QueueUrls"]
        return {url.rsplit("/", 1)[-1].removeprefix(f"{self.stack}-"): url for url in urls}

    def waiting(self, url: str) -> int:
        """Messages that are visible or being worked on; doorbells for later do not count."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(attributes[name]) for name in names)

    def quiet(self) -> None:
        """Waits until nothing is worked on."""
        work = [url for name, url in self.queues().items() if not name.endswith("dead-letters")]
        until("the queues are empty", lambda: True if not any(map(self.waiting, work)) else None)

    def errors(self) -> list[str]:
        """What functions logged as errors."""
        found = []
        for group in self.logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]:
            for page in self.logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
                for event in page["events"]:
                    found += [line for line in event["message"].splitlines() if '"level":"ERROR"' in line]
        return found
