"""Several at once: one report is accepted once, one key is one report, and no transfer counts twice."""

import json
import re
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy.exc import IntegrityError

from fundraise.errors import Conflict
from fundraise.flows.count_partner import part_of
from fundraise.flows.decide_report import accept_report
from fundraise.flows.import_rates import import_rates
from fundraise.flows.receive_report import SentFigure, receive_report
from fundraise.partners.figure import figure_in
from fundraise.partners.questions import newest_increment, report_by_id
from fundraise.partners.rules import Frozen, add_change
from fundraise.partners.tables import Partner
from fundraise.settings import Settings
from tests.partners.fellowship import Fellowship

APRIL, MAY = date(2026, 4, 30), date(2026, 5, 31)


@pytest.fixture
def coc(fellowship: Fellowship) -> Fellowship:
    fellowship.set_up(currency="EUR")
    fellowship.partner("coc")
    return fellowship


def at_once(*works: Callable[[], Any]) -> tuple[list[Any], list[Exception]]:
    start, done, failed = threading.Barrier(len(works)), list[Any](), list[Exception]()

    def run(work: Callable[[], Any]) -> None:
        start.wait()
        try:
            done.append(work())
        except Exception as problem:
            failed.append(problem)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done, failed


def test_one_report_that_several_accept_at_once_counts_once(coc: Fellowship) -> None:
    came = coc.report("coc", "40,000.00", APRIL)
    done, failed = at_once(
        *(lambda who=who: accept_report(coc.world.parts, came.report_id, by=f"person {who}") for who in range(6))
    )
    assert (len(done), len(failed)) == (1, 5)
    assert all(isinstance(problem, Conflict) and "accepted already" in problem.message for problem in failed)
    assert coc.total_minor() == 4_000_000
    assert len(coc.increments()) == 1


def test_two_reports_that_are_accepted_at_once_make_one_figure(coc: Fellowship) -> None:
    reports = [coc.report("coc", 4_000_000 + place, APRIL.replace(day=1 + place)) for place in range(6)]
    at_once(*(lambda each=each: coc.accept(each) for each in reports))
    assert len([each for each in reports if coc.state(each) == "accepted"]) == 1
    assert coc.total_minor() == next(4_000_000 + n for n, each in enumerate(reports) if coc.state(each) == "accepted")


def test_a_report_and_a_transfer_at_once(coc: Fellowship) -> None:
    coc.partner("allout", "EUR")
    came = coc.report("coc", "40,000.00", MAY, our_transfers="unknown")
    at_once(
        lambda: coc.accept(came),
        *(
            lambda n=n: coc.transfer("partner:allout", "partner:coc", "1,000.00", "EUR", APRIL, reference=f"T-{n}")
            for n in range(5)
        ),
    )
    assert coc.own_minor("coc") == 4_000_000 - 5 * 100_000


def test_one_key_that_comes_many_times_at_once_is_one_report(coc: Fellowship) -> None:
    values = {
        "amount_minor": 4_000_000,
        "currency": "EUR",
        "as_of": "2026-04-30",
        "stage": "collected",
        "gross_or_net": "gross",
        "gift_aid": "none",
        "our_transfers": "none",
    }

    def send(amount: int) -> Any:
        raw = json.dumps({**values, "amount_minor": amount}).encode()
        sent = SentFigure(figure_in(raw), raw, "one")
        return receive_report(coc.world.parts, coc.partners["coc"], sent, came_by="api").report_id

    done, failed = at_once(*(lambda n=n: send(4_000_000 + n % 2) for n in range(8)))
    assert (len(done), len(set(done)), len(failed)) == (4, 1, 4)
    assert all(isinstance(problem, Conflict) for problem in failed)


def test_one_file_of_rates_that_several_bring_at_once_is_kept_once(coc: Fellowship) -> None:
    raw = b"Date,USD,\n" + b"".join(b"2026-%02d-%02d,1.1,\n" % (m, d) for m in range(1, 10) for d in range(1, 29))
    done, failed = at_once(*(lambda: import_rates(coc.world.parts, "rates.csv", raw, by="test").new for _ in range(4)))
    assert (sum(done), failed) == (9 * 28, [])


def counted_by_two_who_looked_at_once(coc: Fellowship) -> None:
    """What happens when two add after the same row, as they would without holding the appeal."""
    partner_id, report_id = coc.partners["coc"], coc.accepted("coc", "100.00", APRIL)
    with coc.world.parts.db.read() as session:
        newest = newest_increment(session, partner_id)
    assert newest is not None
    for _ in range(2):
        with coc.world.parts.db.write("test") as session:
            partner, report = session.get_one(Partner, partner_id), report_by_id(session, report_id)
            part = part_of(session, None, partner, report)  # type: ignore[arg-type]
            row = add_change(
                session,
                partner,
                report,
                part,  # type: ignore[arg-type]
                Frozen(part.own_minor, None, ""),  # type: ignore[union-attr]
                display_currency="EUR",
                moment=coc.world.now(),
                why="test",
            )
            session.flush()
            assert row.follows_id
            if row.follows_id != newest.id:
                raise_what_the_key_would(session, row, newest.id)


def raise_what_the_key_would(session: Any, row: Any, before: int) -> None:
    session.expunge(row)
    values = {name: getattr(row, name) for name in type(row).model_fields if name != "id"}
    session.add(type(row)(**{**values, "follows_id": before}))
    session.flush()


def test_two_rows_cannot_follow_the_same_row(coc: Fellowship) -> None:
    coc.world.books_are_broken = True
    with pytest.raises(IntegrityError):
        counted_by_two_who_looked_at_once(coc)


def test_control_without_the_key_they_can_and_the_check_finds_it(coc: Fellowship) -> None:
    coc.world.books_are_broken = True
    drop_the_key(coc.world.settings)
    counted_by_two_who_looked_at_once(coc)
    assert any(finding.startswith("partner_sums_differ") for finding in coc.world.findings())


def drop_the_key(settings: Settings) -> None:
    name = "uq_increment_partner_id_follows_id"
    if settings.database_url.startswith("postgresql"):
        with psycopg.connect(settings.migration_database_url, autocommit=True) as connection:
            connection.execute(f"ALTER TABLE increment DROP CONSTRAINT {name}")  # type: ignore[call-overload]
        return
    connection = sqlite.connect(settings.database_url.removeprefix("sqlite:///"))
    made = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'increment'").fetchone()[0]
    without = re.sub(rf",\s*CONSTRAINT {name} UNIQUE \([^)]*\)", "", made)
    assert without != made
    connection.execute("DROP TABLE increment")
    connection.execute(without)
    connection.commit()
    connection.close()
