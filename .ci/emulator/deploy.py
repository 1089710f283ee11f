"""Deploys the template to the emulator with the real programs. What the emulator needs otherwise is changed on a copy and printed.

    deploy.py TEMPLATE BUILT STRIPE_API_URL DEPLOYMENT

BUILT holds a folder with `bootstrap` for each function and gets the copy; DEPLOYMENT gets the outputs of the stack, as JSON.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
from samcli.yamlhelper import yaml_parse

STACK = "plugtill-emulator"
PHONE = "+491510000001"


def functions(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: it["Properties"] for name, it in template["Resources"].items() if it["Type"] == "AWS::Serverless::Function"}


def place_programs(template: dict[str, Any], built: Path) -> None:
    for name, properties in functions(template).items():
        properties["CodeUri"] = Path(properties["CodeUri"]).name
        if not (built / properties["CodeUri"] / "bootstrap").is_file():
            sys.exit(f"{name}: there is no program at {built / properties['CodeUri']}")
        template["Resources"][name].pop("Metadata", None)


def lead_to_the_simulator(template: dict[str, Any], stripe: str) -> None:
    template["Globals"]["Function"]["Environment"]["Variables"]["STRIPE_API_URL"] = stripe
    print(f"  changed: functions have STRIPE_API_URL {stripe}, which is the simulator")


def state_concurrency(template: dict[str, Any]) -> None:
    """A number by way of a parameter stays a text in the emulator, whose poller then fails for every queue."""
    for name, properties in functions(template).items():
        for event in properties.get("Events", {}).values():
            scaling = event["Properties"].get("ScalingConfig", {})
            limit = scaling.get("MaximumConcurrency")
            if isinstance(limit, dict):
                scaling["MaximumConcurrency"] = template["Parameters"][limit["Ref"]]["Default"]
                print(f"  changed: the concurrency of {name} is a number, and not {limit['Ref']}, which stays a text")


def name_secrets_by_arn(template: dict[str, Any]) -> None:
    """A reference to a secret is its ARN on AWS and its name in the emulator, which no policy then allows to read."""
    secrets = {name for name, it in template["Resources"].items() if it["Type"] == "AWS::SecretsManager::Secret"}

    def by_arn(part: Any) -> Any:
        if isinstance(part, list):
            return [by_arn(it) for it in part]
        if not isinstance(part, dict):
            return part
        if part.keys() == {"Ref"} and part["Ref"] in secrets:
            return {"Fn::GetAtt": [part["Ref"], "Id"]}
        return {name: by_arn(it) for name, it in part.items()}

    template["Resources"] = by_arn(template["Resources"])
    print(f"  changed: {', '.join(sorted(secrets))} is asked for its ARN, which on AWS is what a reference is")


def allow_batches(template: dict[str, Any]) -> None:
    """On AWS who may send a message may send ten at once; the emulator wants an action that AWS does not have."""
    def allow(part: Any) -> None:
        """Wherever a statement stands: some are there only on a condition."""
        if isinstance(part, dict) and "sqs:SendMessage" in (actions := part.get("Action", [])) and isinstance(actions, list):
            actions.append("sqs:SendMessageBatch")
        for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else []:
            allow(inner)

    for it in template["Resources"].values():
        allow(it.get("Properties", {}).get("Policies", []))
    print("  changed: sqs:SendMessage stands beside sqs:SendMessageBatch, which on AWS it includes")


def leave_out_metric_math(template: dict[str, Any]) -> None:
    resources = template["Resources"]
    alarms = [name for name, it in resources.items() if it["Type"] == "AWS::CloudWatch::Alarm"]
    reckoning = [name for name in alarms if "Metrics" in resources[name]["Properties"]]
    for name in reckoning:
        del resources[name]
    if reckoning:
        print(f"  left out: {', '.join(reckoning)}; the emulator has no alarms on several metrics")


def secrets() -> list[str]:
    """The parameters that name Stripe's secrets, which are made as docs/deploy.md says."""
    manager, key = boto3.client("secretsmanager"), os.environ["STRIPE_KEY"]
    texts = {"StripeSecretArn": ("stripe", key), "StripeCheckoutSecretArn": ("stripe-checkout", key),
             "StripeReadSecretArn": ("stripe-read", key), "StripeWebhookSecretArn": ("stripe-webhook", os.environ["STRIPE_WEBHOOK_SECRET"])}
    return [f"{parameter}={manager.create_secret(Name=f'plugtill/{name}', SecretString=text)['ARN']}"
            for parameter, (name, text) in texts.items()]


def deploy(template: Path, log: Path) -> None:
    sam = [Path(sys.executable).with_name("sam"), "deploy", "--template-file", template, "--stack-name", STACK, "--resolve-s3",
           "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar", "--parameter-overrides",
           *secrets(), "Architecture=x86_64", f"AlertPhone={PHONE}"]
    with log.open("w") as file:
        done = subprocess.run(sam, stdout=file, stderr=subprocess.STDOUT, cwd=template.parent, check=False)
    if done.returncode != 0:
        lines = log.read_text().splitlines()
        sys.exit("\n".join([*(line for line in lines if "FAILED" in line), *lines[-15:]]))


def main() -> None:
    source, built, stripe, deployment = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
    template = yaml_parse(source.read_text())
    place_programs(template, built)
    lead_to_the_simulator(template, stripe)
    state_concurrency(template)
    name_secrets_by_arn(template)
    allow_batches(template)
    leave_out_metric_math(template)
    (built / "template.json").write_text(json.dumps(template, indent=1))
    deploy(built / "template.json", deployment.with_name("deploy.log"))
    stack = boto3.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    outputs = {it["OutputKey"]: it["OutputValue"] for it in stack["Outputs"]}
    # Names below execute-api are known to no resolver of this machine; the same API answers at a path.
    api = outputs["PortalUrl"].removeprefix("http://").split(".")[0]
    outputs["WebhookThroughGateway"] = f"{os.environ['AWS_ENDPOINT_URL']}/_aws/execute-api/{api}/$default/stripe/webhook"
    outputs["Stack"] = STACK
    deployment.write_text(json.dumps(outputs, indent=1))
    resources = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
    print(f"  deployed: {sum(len(page['StackResourceSummaries']) for page in resources)} resources as {STACK}")


if __name__ == "__main__":
    main()
