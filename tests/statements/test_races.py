"""Any number of processes may match and import at once, and be killed at any moment: nothing stands twice."""

import itertools
import multiprocessing
import re
import signal
import threading
from collections import Counter
from datetime import date, timedelta
from multiprocessing.connection import wait

import psycopg
from pysqlite3 import dbapi2 as sqlite
from sqlmodel import col, select

from fundraise.flows.match_by_hand import match_with_payout
from fundraise.flows.match_payouts import _match, certain_pairs, match_payouts
from fundraise.ledger.tables import Entry
from fundraise.settings import Settings
from tests.statements.bank_files import Movement, camt053
from tests.statements.matching_process import match_until_done
from tests.statements.teller import Teller

MONDAY = date(2026, 11, 23)
MANY = 120
KILLS = 12


def much_to_match(teller: Teller, many: int = MANY) -> None:
    lines = [Movement(MONDAY + timedelta(days=place % 5), 10_000 + place) for place in range(many)]
    teller.bring(camt053(sorted(lines, key=lambda each: each.day)))
    for place in range(many):
        teller.payout(f"po_{place}", 10_000 + place, MONDAY + timedelta(days=place % 5))


def stands_once(teller: Teller, many: int = MANY) -> None:
    matches = teller.matches()
    assert (
        len(matches) == len({match.line_id for match in matches}) == len({match.payout_id for match in matches}) == many
    )
    with teller.world.parts.db.read() as session:
        keys = Counter(session.exec(select(Entry.key).where(col(Entry.kind) == "bank")))
    assert keys == {f"bank:{match.line_id}": 1 for match in matches}
    assert (teller.in_transit, teller.at_bank) == (0, sum(10_000 + place for place in range(many)))


def test_three_processes_with_kills_match_no_line_twice(teller: Teller) -> None:
    much_to_match(teller)
    teller.world.parts.db.close()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.statements.matching_process"])
    seeds = itertools.count(1)
    kills = 0

    def start() -> multiprocessing.process.BaseProcess:
        dies = 0.05 if kills < KILLS else 0.0
        process = context.Process(target=match_until_done, args=(teller.world.settings, next(seeds), dies))
        process.start()
        return process

    running = [start() for _ in range(3)]
    while running:
        ended = wait([process.sentinel for process in running])
        for process in [process for process in running if process.sentinel in ended]:
            process.join()
            running.remove(process)
            assert process.exitcode in {0, -signal.SIGKILL}
            if process.exitcode:
                kills += 1
                running.append(start())
    assert kills >= KILLS
    assert match_payouts(teller.world.parts) == {}
    stands_once(teller)


def matched_by_two_who_looked_at_once(teller: Teller) -> list[int]:
    parts = teller.world.parts
    with parts.db.read() as session:
        pairs = list(certain_pairs(session))
    done = []
    for _ in range(2):
        with parts.db.write("test") as session:
            done.append(_match(session, parts, pairs))
    return done


def test_of_two_who_looked_at_once_one_matches(teller: Teller) -> None:
    much_to_match(teller, 5)
    assert matched_by_two_who_looked_at_once(teller) == [5, 0]
    stands_once(teller, 5)


def test_control_without_the_unique_keys_both_match(teller: Teller) -> None:
    much_to_match(teller, 5)
    drop_unique_keys(teller.world.settings)
    assert matched_by_two_who_looked_at_once(teller) == [5, 5]
    assert teller.in_transit < 0


def drop_unique_keys(settings: Settings) -> None:
    if settings.database_url.startswith("postgresql"):
        with psycopg.connect(settings.migration_database_url, autocommit=True) as connection:
            for name in ("line_id", "payout_id"):
                connection.execute(f"ALTER TABLE bank_match DROP CONSTRAINT uq_bank_match_{name}_stands")  # type: ignore[call-overload]
        return
    connection = sqlite.connect(settings.database_url.removeprefix("sqlite:///"))
    made = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'bank_match'").fetchone()[0]
    without = re.sub(r",\s*CONSTRAINT uq_\w+ UNIQUE \([^)]*\)", "", made)
    assert "UNIQUE" not in without
    connection.execute("DROP TABLE bank_match")
    connection.execute(without)
    connection.commit()
    connection.close()


def test_two_lines_that_two_people_say_are_one_payout(teller: Teller) -> None:
    teller.payout("po_1", 500, MONDAY)
    teller.bring(camt053([Movement(MONDAY, 500, reference="A"), Movement(MONDAY, 500, reference="B")]))
    start, won, lost = threading.Barrier(2), list[int](), list[Exception]()

    def say(line_id: int) -> None:
        start.wait()
        try:
            won.append(match_with_payout(teller.world.parts, line_id, teller.payouts["po_1"], by="somebody"))
        except Exception as refusal:
            lost.append(refusal)

    saying = [threading.Thread(target=say, args=(line.id,)) for line in teller.lines()]
    for thread in saying:
        thread.start()
    for thread in saying:
        thread.join()
    assert (len(won), len(lost)) == (1, 1)
    assert "matched already" in str(lost[0])
    assert (teller.in_transit, teller.at_bank) == (0, 500)


def test_the_same_file_brought_by_eight_at_once_comes_in_once(teller: Teller) -> None:
    raw = camt053([Movement(MONDAY, 100 + place) for place in range(200)])
    start, done = threading.Barrier(8), list[int]()

    def bring(place: int) -> None:
        start.wait()
        done.append(teller.bring(raw + b"\n" * (place % 2), f"file {place}").new)

    bringing = [threading.Thread(target=bring, args=(place,)) for place in range(8)]
    for thread in bringing:
        thread.start()
    for thread in bringing:
        thread.join()
    assert sorted(done) == [0] * 7 + [200]
    assert len(teller.lines()) == 200
    assert len(teller.files()) == 2
