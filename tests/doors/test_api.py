"""The JSON API under arbitrary requests: it keeps to its own schema, and every refusal has the one shape."""

import re
from typing import Any

import httpx2 as httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fundraise.api import campaigns as api_campaigns
from tests.doors.knocking import says_nothing_of_the_inside, traces
from tests.world import World

pytestmark = pytest.mark.pages

CHECKS = [
    schemathesis.checks.not_a_server_error,
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]


def description(world: World) -> Any:
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", world.donor.app)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_one_that_the_api_describes(street: World, mode: GenerationMode) -> None:
    """With what the description allows, and with what it forbids; some addresses take any text, so nothing is wrong."""
    asked: dict[str, int] = {}
    for found in description(street).get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Case[Any]) -> None:
            asked[case.operation.path] = asked.get(case.operation.path, 0) + 1
            case.call_and_validate(checks=CHECKS)

        try:
            ask()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE
            assert operation.path != "/api/v1/campaigns"
    assert asked["/api/v1/campaigns"] >= 60


def test_what_is_there_is_answered_as_described(street: World) -> None:
    described = description(street)
    for slug in ("winter", "two", "yen", "dinar", "paused", "ended"):
        case = described["/api/v1/campaigns/{slug}"]["GET"].Case(path_parameters={"slug": slug})
        assert case.call_and_validate(checks=CHECKS).status_code == 200


def is_an_error(answer: httpx.Response, status: int, code: str, field: str | None = None) -> None:
    """Hold a refusal against the one shape of errors."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ["code", "message", "field"]
    assert (body["error"]["code"], body["error"]["field"]) == (code, field)
    assert body["error"]["message"]
    says_nothing_of_the_inside(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/api", "/api/", "/api/v1", "/api/v2/campaigns", "/api/v1/campaigns/", "/api/v1/nothing", "/api//v1/campaigns",
        "/api/v1/campaigns/winter/", "/api/v1/campaigns/winter/gifts", "/api/v1/../admin",
    ],
)  # fmt: skip
def test_no_such_address(street: World, path: str) -> None:
    is_an_error(street.donor.get(path), 404, "http")


@pytest.mark.parametrize("slug", ["nobody", "draft", "WINTER", "%00", "%FF%FE", "%20", "1", "-1", "'--", "x" * 2000])
def test_absent_and_hidden_campaigns_look_alike(street: World, slug: str) -> None:
    is_an_error(street.donor.get(f"/api/v1/campaigns/{slug}"), 404, "not_found")


LIMITS = [
    "-1",
    "0",
    "101",
    "1000000000",
    "10^9",
    "1e2",
    "1.5",
    "",
    " ",
    "abc",
    "null",
    "NaN",
    "true",
    "0x10",
    "9" * 400,
    "5 OR 1=1",
]


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_that_is_none_is_refused_by_name(street: World, limit: str) -> None:
    is_an_error(street.donor.get("/api/v1/campaigns", params={"limit": limit}), 422, "invalid", "limit")


def test_pages_of_any_size_give_every_campaign_once(street: World) -> None:
    whole = [item["slug"] for item in street.donor.get("/api/v1/campaigns").json()["items"]]
    assert "draft" not in whole
    for limit in (1, 2, 3, 100):
        found, after = [], ""
        while True:
            page = street.donor.get("/api/v1/campaigns", params={"limit": limit, "after": after}).json()
            found += [item["slug"] for item in page["items"]]
            assert len(page["items"]) <= limit
            if page["next"] is None:
                break
            after = page["next"]
        assert found == whole


CURSORS = [
    "\x00",
    "ÿ",
    "\u202e",
    "' OR 1=1--",
    "../..",
    "zzzz",
    "winter'",
    "WINTER",
    "-1",
    "x" * 60,
    "null",
    "%00",
    "🏳️",
]


def cursor_shows_nothing_hidden(world: World, cursor: str) -> None:
    answer = world.donor.get("/api/v1/campaigns", params={"after": cursor})
    assert answer.status_code == 200
    assert all(item["slug"] > cursor for item in answer.json()["items"])
    assert "draft" not in answer.text


@pytest.mark.parametrize("cursor", CURSORS)
def test_a_tampered_cursor_shows_nothing_that_is_hidden(street: World, cursor: str) -> None:
    cursor_shows_nothing_hidden(street, cursor)


def test_a_cursor_too_long_is_refused_by_name(street: World) -> None:
    is_an_error(street.donor.get("/api/v1/campaigns", params={"after": "x" * 61}), 422, "invalid", "after")


def test_unknown_and_doubled_fields_change_nothing(street: World) -> None:
    plain = street.donor.get("/api/v1/campaigns?limit=2").json()
    for more in (
        "sort=secret_key",
        "filter[sealed_key]=x",
        "limit=100&limit=2",
        "role=admin&state=draft",
        "x=" + "y" * 9000,
    ):
        odd = street.donor.get(f"/api/v1/campaigns?{more}&limit=2").json()
        assert [item["slug"] for item in odd["items"]] == [item["slug"] for item in plain["items"]]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("path", ["/api/v1/campaigns", "/api/v1/campaigns/winter", "/api/v1/health"])
def test_a_method_that_is_not_taken_is_told_which_one_is(street: World, method: str, path: str) -> None:
    before = traces(street)
    headers = {"x-http-method-override": "GET", "content-type": "application/json"}
    answer = street.donor.request(method, path, headers=headers, content=b"{")
    is_an_error(answer, 405, "http")
    assert answer.headers["allow"] == "GET"
    assert traces(street) == before


def test_head_is_get_without_a_body(street: World) -> None:
    for path in ("/api/v1/campaigns", "/api/v1/campaigns/winter", "/api/v1/openapi.json"):
        with_body, without = street.donor.get(path), street.donor.head(path)
        assert (without.status_code, without.content) == (200, b"")
        assert without.headers["content-length"] == with_body.headers["content-length"]
    assert street.donor.head("/api/v1/campaigns/nobody").status_code == 404
    assert street.donor.head("/api/v1/campaigns?limit=0").status_code == 422


def test_what_the_doors_guard_refuses_is_said_to_programs_in_the_same_shape(street: World) -> None:
    path = "/api/v1/campaigns"
    is_an_error(street.donor.post(path, content=b"x" * 1_048_577), 413, "too_long")
    is_an_error(street.donor.post(path, content=b"x", headers={"content-encoding": "gzip"}), 415, "compressed")


def fault_says_its_reference_alone(world: World, patch: pytest.MonkeyPatch) -> None:
    def breaks(*_: Any) -> None:
        raise RuntimeError("connection to postgresql://app@db/fundraise refused for mara@example.org")

    patch.setattr(api_campaigns, "campaign_totals", breaks)
    answer = world.donor.get("/api/v1/campaigns")
    is_an_error(answer, 500, "fault")
    assert re.fullmatch(r"Something went wrong here\. Please quote [0-9a-f]{8}\.", answer.json()["error"]["message"])
    assert "mara" not in answer.text


def test_a_fault_says_its_reference_alone(street: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fault_says_its_reference_alone(street, monkeypatch)
