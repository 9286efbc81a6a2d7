"""The door for partners' programs: what is taken, what is held with a question, what is refused and how it is said."""

import json
from datetime import timedelta
from typing import Any

import httpx2 as httpx
import pytest
from sqlmodel import func, select

from fundraise.flows.add_partner import leave as partner_leaves
from fundraise.flows.add_partner import new_key
from fundraise.flows.decide_report import refuse_report
from fundraise.flows.receive_report import MOST_OPEN, SentFigure, receive_report
from fundraise.partners.figure import figure_in
from fundraise.partners.tables import PartnerReport
from tests.partners.fellowship import STAFF, Fellowship

GOOD: dict[str, Any] = {
    "amount_minor": 4_000_000,
    "currency": "EUR",
    "as_of": "2026-11-20",
    "stage": "collected",
    "kind": "cumulative",
    "gross_or_net": "gross",
    "gift_aid": "none",
    "our_transfers": "none",
    "evidence": "https://coc.example/figures",
}


@pytest.fixture
def door(fellowship: Fellowship) -> "Door":
    fellowship.partner("coc")
    fellowship.partner("allout", "USD")
    return Door(fellowship, new_key(fellowship.world.parts, "coc", by=STAFF))


class Door:
    def __init__(self, fellowship: Fellowship, key: str) -> None:
        self.fellowship = fellowship
        self.key = key
        self._numbers = iter(range(1, 10_000))

    def send(
        self, raw: bytes | dict[str, Any], *, slug: str = "coc", idempotency: str = "", **headers: str
    ) -> httpx.Response:
        content = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
        sent = {
            "authorization": f"Bearer {self.key}",
            "idempotency-key": idempotency or f"k-{next(self._numbers)}",
            "content-type": "application/json",
            **headers,
        }
        return self.fellowship.world.donor.post(f"/api/v1/partners/{slug}/reports", content=content, headers=sent)


def test_a_figure_comes_in_once_and_counts_when_it_is_accepted(door: Door) -> None:
    fellowship = door.fellowship
    fellowship.set_up(currency="EUR")
    raw = json.dumps(GOOD).encode()
    first = door.send(raw, idempotency="april")
    assert (first.status_code, first.json()["state"], first.json()["questions"]) == (201, "received", [])
    again = door.send(raw, idempotency="april")
    assert (again.status_code, again.json()) == (201, first.json())
    assert fellowship.total_minor() == 0
    fellowship.accept(int(first.json()["id"]))
    assert fellowship.total_minor() == 4_000_000
    assert door.send(raw, idempotency="april").json() == first.json()
    own = fellowship.world.donor.get(
        f"/api/v1/partners/coc/reports/{first.json()['id']}", headers={"authorization": f"Bearer {door.key}"}
    )
    assert (own.status_code, own.json()["state"]) == (200, "accepted")
    line = next(line for line in fellowship.total()["lines"] if line["participant"] == "Coc")
    assert line["evidence_sha256"] == first.json()["sha256"]


def test_the_same_key_with_another_body_is_refused(door: Door) -> None:
    assert door.send(GOOD, idempotency="april").status_code == 201
    other = door.send({**GOOD, "amount_minor": 1}, idempotency="april")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")
    assert door.send({**GOOD, "amount_minor": 1}, idempotency="").status_code == 201


def test_only_the_partners_own_key_opens_its_door(door: Door) -> None:
    other = new_key(door.fellowship.world.parts, "allout", by=STAFF)
    for headers in (
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Basic abc"},
        {"authorization": "Bearer fr_nothing"},
        {"authorization": f"Bearer {other}"},
        {"authorization": f"Bearer {door.key}x"},
    ):
        answer = door.send(GOOD, **headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "bad_key")
    assert door.send(GOOD, slug="nobody").json() == door.send(GOOD, slug="allout").json()
    renewed = new_key(door.fellowship.world.parts, "coc", by=STAFF)
    assert door.send(GOOD).status_code == 401
    door.key = renewed
    taken = door.send(GOOD)
    assert taken.status_code == 201
    look = door.fellowship.world.donor.get(
        f"/api/v1/partners/allout/reports/{taken.json()['id']}", headers={"authorization": f"Bearer {other}"}
    )
    assert look.status_code == 404
    partner_leaves(door.fellowship.world.parts, "coc", by=STAFF)
    assert door.send(GOOD).status_code == 401


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"amount_minor": -1}, "amount_minor"),
    ({"amount_minor": 1e6}, "amount_minor"),
    ({"amount_minor": "4000000"}, "amount_minor"),
    ({"amount_minor": True}, "amount_minor"),
    ({"amount_minor": None}, "amount_minor"),
    ({"amount_minor": [1]}, "amount_minor"),
    ({"amount_minor": 10**13 + 1}, "amount_minor"),
    ({"amount_minor": 2**63}, "amount_minor"),
    ({"currency": "eur"}, "currency"),
    ({"currency": "XXX"}, "currency"),
    ({"currency": 978}, "currency"),
    ({"as_of": "30.04.2017"}, "as_of"),
    ({"as_of": "2017-02-30"}, "as_of"),
    ({"as_of": "0001-01-01"}, "as_of"),
    ({"as_of": "2017-04-30T12:00:00Z"}, "as_of"),
    ({"as_of": 20170430}, "as_of"),
    ({"stage": "pledged"}, "stage"),
    ({"stage": ["collected"]}, "stage"),
    ({"kind": "period"}, "kind"),
    ({"gross_or_net": "both"}, "gross_or_net"),
    ({"gift_aid": 4_000_001}, "gift_aid"),
    ({"gift_aid": -5}, "gift_aid"),
    ({"gift_aid": "some"}, "gift_aid"),
    ({"gift_aid": True}, "gift_aid"),
    ({"our_transfers": "some"}, "our_transfers"),
    ({"our_transfers": [1]}, "our_transfers"),
    ({"our_transfers": [""]}, "our_transfers"),
    ({"our_transfers": {"all": True}}, "our_transfers"),
    ({"evidence": "x" * 2001}, "evidence"),
    ({"evidence": "a\x00b"}, "evidence"),
    ({"evidence": None}, "evidence"),
    ({"submitted_by": "\udc00"}, "submitted_by"),
    ({"donors": [{"name": "A. Donor"}]}, "donors"),
    ({"partner": "allout"}, "partner"),
    ({"state": "accepted"}, "state"),
]


def test_what_is_wrong_is_said_by_its_field_and_nothing_is_kept(door: Door) -> None:
    for change, field in WRONG:
        answer = door.send({**GOOD, **change})
        assert answer.status_code == 422, change
        error = answer.json()["error"]
        assert (error["code"], error["field"]) == ("invalid", field), change
        assert [each["field"] for each in error["problems"]] == [field], change
    assert kept(door) == 0


def test_every_problem_is_listed_at_once(door: Door) -> None:
    problems = door.send({"amount_minor": -1, "as_of": "soon"}).json()["error"]["problems"]
    assert {each["field"] for each in problems} == {
        "amount_minor",
        "as_of",
        "currency",
        "stage",
        "gross_or_net",
        "gift_aid",
        "our_transfers",
    }


NO_REPORTS = [
    b"",
    b"[]",
    b"null",
    b"<html></html>",
    b"\xff\xfe",
    b'{"amount_minor": 1, "amount_minor": 2}',
    b'{"amount_minor": NaN}',
    b"[" * 100_000,
    b'{"amount_minor": 1',
]


def test_what_is_no_report_is_refused(door: Door) -> None:
    for raw in NO_REPORTS:
        answer = door.send(raw)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "unreadable"), raw[:20]
    assert kept(door) == 0


def test_too_much_and_too_little_around_a_report(door: Door) -> None:
    assert door.send({**GOOD, "evidence": "x" * 1_100_000}).status_code == 413
    assert door.send(GOOD, **{"content-encoding": "gzip"}).status_code == 415
    for key in ("x" * 256, " "):
        answer = door.send(GOOD, idempotency=key)
        assert (answer.status_code, answer.json()["error"]["field"]) == (422, "Idempotency-Key")
    assert kept(door) == 0


def kept(door: Door) -> int:
    with door.fellowship.world.parts.db.read() as session:
        return session.exec(select(func.count()).select_from(PartnerReport)).one()


def test_a_list_of_transfers_that_we_do_not_know_is_held(door: Door) -> None:
    came = door.send({**GOOD, "our_transfers": ["MAY-2017"]}).json()
    assert (came["state"], [each["code"] for each in came["questions"]]) == ("held", ["reference_unknown"])
    assert "MAY-2017" in came["questions"][0]["message"]


def test_what_is_asked_about_a_partners_reports(door: Door) -> None:
    """The list of bad partner reports: those that are well formed, and ask for a person."""
    fellowship = door.fellowship
    fellowship.set_up(currency="EUR")
    for change, found in (
        ({"as_of": "2017-04-30"}, ["old"]),
        ({"amount_minor": 10**13}, ["large_first"]),
        ({"amount_minor": 4_000_000 * 100}, ["large_first"]),
        ({"currency": "USD"}, ["currency"]),
        ({"as_of": "2026-11-23"}, ["future"]),  # It is that day already in Auckland; its end has not come there either.
    ):
        came = door.send({**GOOD, **change}).json()
        assert (came["state"], [each["code"] for each in came["questions"]]) == ("held", found), change
    fellowship.accept(int(door.send(GOOD).json()["id"]))
    for change, found in (
        ({}, ["twice"]),  # The same under another key.
        ({"amount_minor": 4_100_000}, ["same_day"]),  # One day twice, with another total.
        ({"amount_minor": 3_900_000, "as_of": "2026-11-21"}, ["lower"]),
        ({"amount_minor": 4_000_000 * 100, "as_of": "2026-11-21"}, ["jump"]),
        ({"as_of": "2026-10-31"}, ["goes_back"]),
        ({"as_of": "2026-11-22"}, []),  # A day left out: each figure is of everything.
    ):
        came = door.send({**GOOD, **change}).json()
        assert [each["code"] for each in came["questions"]] == found, change
    assert fellowship.total_minor() == 4_000_000


def test_more_than_a_report_holds_is_refused(door: Door) -> None:
    many = [f"T-{number}" for number in range(501)]
    assert door.send({**GOOD, "our_transfers": many[:500]}).status_code == 201
    refused = door.send({**GOOD, "our_transfers": many})
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "our_transfers")
    for raw in (
        json.dumps({**GOOD, "our_transfers": [f"T-{number}" for number in range(200_000)]}).encode(),
        json.dumps({**GOOD, "campaigns": [{"slug": f"c-{number}"} for number in range(100_000)]}).encode(),
    ):
        assert door.send(raw).status_code == 413
    assert kept(door) == 1


def a_program_gone_wild_is_stopped(door: Door) -> None:
    """Fifty open reports of a partner are taken; what was sent before is still answered as it was."""
    for number in range(MOST_OPEN):
        assert door.send({**GOOD, "amount_minor": number}, idempotency=f"wild-{number}").status_code == 201
    stopped = door.send({**GOOD, "amount_minor": 99})
    assert stopped.status_code == 429
    assert stopped.json()["error"]["code"] == "too_many"
    assert "50 figures wait to be looked at" in stopped.json()["error"]["message"]
    assert door.send({**GOOD, "amount_minor": 0}, idempotency="wild-0").status_code == 201
    assert kept(door) == MOST_OPEN


def test_a_program_gone_wild_is_stopped(door: Door) -> None:
    a_program_gone_wild_is_stopped(door)
    # One that a person has looked at makes room for the next, and a letter is typed in all the same.
    fellowship = door.fellowship
    refuse_report(fellowship.world.parts, 1, by=STAFF, why="A test of your program?")
    assert door.send({**GOOD, "amount_minor": 99}).status_code == 201
    raw = json.dumps(GOOD).encode()
    sent = SentFigure(figure_in(raw), raw)
    receive_report(fellowship.world.parts, fellowship.partners["coc"], sent, came_by="staff", by=STAFF)
    assert kept(door) == MOST_OPEN + 2


def test_the_future_is_held(door: Door) -> None:
    tomorrow = (door.fellowship.world.now() + timedelta(days=1)).date().isoformat()
    came = door.send({**GOOD, "as_of": tomorrow}).json()
    assert (came["state"], [each["code"] for each in came["questions"]]) == ("held", ["future"])
