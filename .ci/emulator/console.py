"""The stall's page and the operators' console, as they answer behind the HTTP API: people sign in, machines send a key."""

import json
import re

from deployed import Answer, Deployed, Failed, answered, expect

NAME, PASSWORD = "emulator", "a password for the emulator"


def a_stall_says_its_price(deployed: Deployed) -> None:
    # 0.35 and 20 per cent of it.
    answered("the page of a stall", deployed.browse("GET", "/stalls/PAGE/1"), 200, "0.42 EUR", "Pay by card")
    answered("a stall that nobody has", deployed.browse("GET", "/stalls/NOBODY/1"), 404)
    for asset in ("/style.css", "/live.js"):
        answered(asset, deployed.browse("GET", asset), 200)


def nobody_sees_the_console_or_the_api(deployed: Deployed) -> None:
    led = deployed.browse("GET", "/console")
    expect("who has not signed in is led to the form", (led.status, led.headers.get("location")), (303, "/console/sign-in?to=%2Fconsole"))
    answered("its style", deployed.browse("GET", "/console/style.css"), 200)
    for path in ("/api/v1/sessions", "/api/v1/openapi.json"):
        refused(path, deployed.browse("GET", path))
    refused("a key that is none", deployed.browse("GET", "/api/v1/me", {"authorization": "Bearer ptk.none.none"}))


def refused(what: str, answer: Answer) -> None:
    expect(f"{what} is refused", (answer.status, answer.headers.get("content-type")), (401, "application/problem+json"))
    expect(f"{what} says so", json.loads(answer.body)["status"], 401)


def an_operator_signs_in_and_sees_what_was_paid(deployed: Deployed) -> None:
    deployed.order({"add_user": {"name": NAME, "role": "manager", "password": PASSWORD, "by": NAME}})
    wrong = enter(deployed, "not the password")
    answered("a wrong password", wrong, 422, "do not go together")
    session = cookie(enter(deployed, PASSWORD))
    for page, words in [("/console", "Harbour"), ("/console/sessions?text=R-000001", "4.20 EUR"), ("/console/audit", "sign in as manager")]:
        answered(page, deployed.browse("GET", page, {"cookie": session}), 200, words)
    forged = deployed.browse("POST", "/console/sign-out", {"cookie": session}, csrf="forged")
    answered("a form that is not ours", forged, 403)


def enter(deployed: Deployed, password: str) -> Answer:
    """Sends the form as a browser would, with its cookie and its token."""
    form = deployed.browse("GET", "/console/sign-in")
    answered("the form to sign in by", form, 200, "Password")
    [token] = re.findall(r'name="csrf" value="([^"]+)"', form.body)
    return deployed.browse("POST", "/console/sign-in", {"cookie": cookie(form)}, csrf=token, name=NAME, password=password)


def cookie(answer: Answer) -> str:
    given = answer.headers.get("set-cookie", "")
    # The emulator's gateway speaks http, so that nothing says `Secure`.
    expect("no script and no other site's form gets at the cookie", [it for it in ("HttpOnly", "SameSite=") if it not in given], [])
    return given.split(";")[0]


def a_machine_asks_with_its_key(deployed: Deployed) -> None:
    key = deployed.order({"add_key": {"name": NAME, "role": "manager", "by": NAME}})["secret"]
    ask = lambda path: json.loads(deployed.browse("GET", f"/api/v1/{path}", {"authorization": f"Bearer {key}"}).body)
    expect("who asks", ask("me"), {"name": NAME, "role": "manager"})
    expect("what was paid", [it["billed"] for it in ask("sessions?text=R-000001")["sessions"]], [{"amount": "4.20", "currency": "EUR"}])
    expect("which stalls there are", sorted(it["charger"] for it in ask("connectors?site=harbour")["connectors"]), ["FAULTY", "PAGE", "SAVED"])
    expect("who owes is found in the index", type(ask("balances").get("balances")), list)
    if len(ask("openapi.json")["paths"]) < 10:
        raise Failed("the API's document lists next to nothing")
