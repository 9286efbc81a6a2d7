"""Errands: what staff, operators and rare moments do, each killed at its own fault points and then done again.

The simulation passes the fault points of gifts by the thousand. What it seldom or never does is here: one function for
each, that prepares what it needs and returns what is to be done. `make soak` kills it at each of its points, opens the
database again, does it once more, and compares what is there with what doing it once leaves.
"""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from sqlmodel import Session, col, select

from fundraise import faults, inbox, job_runs, outbox
from fundraise.donations.tables import Donation
from fundraise.flows import give, manage_gift
from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.begin_gift import Giver, begin_gift
from fundraise.flows.connect import connect_account
from fundraise.flows.follow_up import follow_up
from fundraise.flows.given_up import leave_notice, send_letter_again, try_notice_again
from fundraise.flows.import_statement import Upload, import_statement
from fundraise.flows.match_by_hand import match_with_payout
from fundraise.flows.match_payouts import match_payouts
from fundraise.flows.payout import book_payout
from fundraise.flows.reconcile import reconcile_all
from fundraise.flows.staff_entry import enter, leave, make_link
from fundraise.flows.sweep import sweep
from fundraise.flows.undo_match import undo_match
from fundraise.flows.upload_statement import drop_upload, keep_upload, say_of_upload
from fundraise.gateways.mail.folder import FolderMailer
from fundraise.inbox import Arrival
from fundraise.jobs import runner
from fundraise.jobs.outbox import send_letters
from fundraise.jobs.runner import Every, Job
from fundraise.ledger.balances import make_checkpoint, rebuild_checkpoints
from fundraise.money import Money
from fundraise.parts import MailFailed, Parts
from fundraise.payments import Payout
from fundraise.sandbox import Sandbox
from fundraise.settlements.tables import PayoutRow
from fundraise.statements.tables import BankLine, BankMatch
from fundraise.statements.vocabulary import DateOrder
from fundraise.stripe_accounts.questions import account_by_slug
from tests.soak.town import CAMPAIGN, SLUG, Town
from tests.soak.weather import Killed
from tests.statements.bank_files import Movement, camt053, reader

Todo = Callable[[Parts], Any]
DAY: Final = date(2026, 11, 20)


@dataclass
class Desk:
    """Where an errand is done: the product before anything went wrong, its local Stripe, and the town."""

    parts: Parts
    sandbox: Sandbox
    town: Town
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="errand-")))

    def give(self, token: str, email: str = "") -> str:
        """Write a gift down and return its reference."""
        return begin_gift(self.parts, CAMPAIGN, {"amount": "20", "email": email}, Giver(token)).ref


@dataclass(frozen=True)
class Errand:
    """`points` are the names it passes; `leaves_more` when doing it again is rightly another one."""

    points: tuple[str, ...]
    prepare: Callable[[Desk], Todo]
    leaves_more: bool = False


ERRANDS: Final[dict[str, Errand]] = {}


def errand(*points: str, leaves_more: bool = False) -> Callable[[Callable[[Desk], Todo]], Callable[[Desk], Todo]]:
    def add(function: Callable[[Desk], Todo]) -> Callable[[Desk], Todo]:
        ERRANDS[function.__name__] = Errand(points, function, leaves_more)
        return function

    return add


# --- operators ------------------------------------------------------------------------------------------------------


@errand("connect", leaves_more=True)
def connect(desk: Desk) -> Todo:
    key, account = desk.town.key, desk.town.account
    return partial(
        connect_account, slug="second", body_slug=SLUG, mode="own-key", key=key, webhook_secrets=("whsec_x",),
        account_ref=account,
    )  # fmt: skip


@errand("ledger: checkpoint", "ledger: forget checkpoints")
def remake_checkpoints(desk: Desk) -> Todo:
    payouts(desk)
    make_checkpoint(desk.parts.db, least_lines=1)
    return lambda parts: rebuild_checkpoints(parts.db)


@errand("job *: renew")
def renew_a_lease(desk: Desk) -> Todo:
    """A job that takes longer than a third of its lease."""
    renewed = threading.Event()
    hold = runner.hold

    def held(*rest: Any) -> None:
        hold(*rest)
        renewed.set()

    def body(_parts: Parts) -> dict[str, int]:
        renewed.wait(1)
        return {}

    def long_job(parts: Parts) -> None:
        lease = job_runs.timedelta(milliseconds=15)
        with patch.object(runner, "LEASE", lease), patch.object(runner, "hold", held):
            slot = datetime(2026, 11, 23, 9, tzinfo=UTC)
            desk.sandbox.advance(120)  # The lease of the one that died has run out.
            runner.run_slot(parts, Job("long", Every(60), body, ""), slot, "soak")

    return long_job


@errand("mail: keep")
def keep_a_letter(desk: Desk) -> Todo:
    letter = EmailMessage()
    letter["Message-ID"] = "<receipt.1@localhost>"
    letter.set_content("Thank you.")
    return lambda _parts: FolderMailer(desk.folder.as_uri()).send(letter)


@errand("outbox: put back")
def a_letter_that_is_refused(desk: Desk) -> Todo:
    ref = desk.give("a token of its own", "jo@example.com")
    with desk.parts.db.write("errand: a letter") as session:
        donation_id = session.exec(select(Donation.id).where(col(Donation.ref) == ref)).one()
        now = desk.parts.clock.now()
        outbox.write(
            session, f"payment_failed:{ref}", "payment_failed", donation_id=donation_id, host="localhost", now=now
        )
    return lambda parts: send_letters(replace(parts, mailer=_Refusing()))


class _Refusing:
    """A mail server that takes nothing."""

    def send(self, _message: EmailMessage) -> None:
        raise MailFailed("450 not now", final=False)


# --- staff ----------------------------------------------------------------------------------------------------------


@errand("send a letter again")
def let_a_letter_be_sent_again(desk: Desk) -> Todo:
    now = desk.parts.clock.now()
    with desk.parts.db.write("errand: a letter") as session:
        outbox.write(session, "receipt:1", "receipt", donation_id=None, host="localhost", now=now)
        letter = session.exec(select(outbox.Letter)).one()
        letter.dead_at = now
        session.add(letter)
    return partial(send_letter_again, letter_id=letter.id, by="Priya")


def given_up(desk: Desk) -> int:
    """Keep a notice that was given up and return its row's id."""
    now = desk.parts.clock.now()
    inbox.keep(desk.parts.db, [Arrival(SLUG, "evt_x", "charge.updated", "charge", "ch_x", "", now)], now)
    with desk.parts.db.write("errand: a notice") as session:
        notice = session.exec(select(inbox.KeptNotice)).one()
        notice.dead_at = now
        session.add(notice)
    return notice.id


@errand("try a notice again")
def let_a_notice_be_tried_again(desk: Desk) -> Todo:
    return partial(try_notice_again, notice_id=given_up(desk), by="Priya")


@errand("leave a notice")
def leave_a_notice_alone(desk: Desk) -> Todo:
    return partial(leave_notice, notice_id=given_up(desk), note="Not ours.", by="Priya")


@errand("staff: link", leaves_more=True)
def ask_for_a_link(_desk: Desk) -> Todo:
    return partial(make_link, name="Priya")


@errand("staff: enter")
def come_in(desk: Desk) -> Todo:
    token = make_link(desk.parts, "Priya").rpartition("/")[2]
    return partial(enter, token=token)


@errand("staff: leave")
def go_out(desk: Desk) -> Todo:
    session = enter(desk.parts, make_link(desk.parts, "Priya").rpartition("/")[2])
    return partial(leave, session_token=session)


# --- banks ----------------------------------------------------------------------------------------------------------

MOVEMENTS: Final = (Movement(DAY, 5000, id="A1"), Movement(DAY, 7000, name="SOMEBODY", id="A2"))


@errand("bank account")
def tell_of_an_account(_desk: Desk) -> Todo:
    return partial(add_bank_account, name="current", body_slug=SLUG, currency="GBP")


def with_account(desk: Desk) -> Upload:
    add_bank_account(desk.parts, name="current", body_slug=SLUG, currency="GBP")
    return Upload("current", "november.xml", camt053(MOVEMENTS), "Priya")


@errand("bank: read file")
def import_in_a_child(desk: Desk) -> Todo:
    return partial(import_statement, upload=with_account(desk))


@errand("import statement", "match payouts")
def import_a_file(desk: Desk) -> Todo:
    payouts(desk)
    return partial(import_statement, upload=with_account(desk), reader=reader)


@errand("upload statement", leaves_more=True)
def put_a_file_aside(desk: Desk) -> Todo:
    upload = with_account(desk)
    return partial(keep_upload, account="current", name="november.xml", raw=upload.raw, by="Priya")


@errand("upload statement")
def answer_about_a_file(desk: Desk) -> Todo:
    ref = keep_upload(desk.parts, with_account(desk).account, "november.xml", camt053(MOVEMENTS), by="Priya")
    return partial(say_of_upload, ref=ref, date_order=DateOrder.DAY_FIRST)


@errand("upload statement")
def drop_a_file(desk: Desk) -> Todo:
    ref = keep_upload(desk.parts, with_account(desk).account, "november.xml", camt053(MOVEMENTS), by="Priya")
    return partial(drop_upload, ref=ref)


def payouts(desk: Desk) -> tuple[int, int]:
    """Book two payouts and return their rows' ids."""
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    ids = []
    for name, minor in (("po_one", 5000), ("po_two", 7000)):
        payout = Payout(
            id=name, amount=Money(minor, "GBP"), state="paid", automatic=True, itemised="in_progress",
            created_at=moment, arrives_on=moment, transaction_id=f"txn_{name}",
        )  # fmt: skip
        with desk.parts.db.write("soak") as session:
            book_payout(session, account_by_slug(session, SLUG).id, payout, None, desk.parts.clock.now())
            ids.append(_id_of(session, name))
    return ids[0], ids[1]


def _id_of(session: Session, name: str) -> int:
    return session.exec(select(PayoutRow.id).where(col(PayoutRow.stripe_id) == name)).one()


def line_of(parts: Parts, minor: int) -> int:
    with parts.db.read() as session:
        return session.exec(select(BankLine.id).where(col(BankLine.minor) == minor)).one()


@errand("match payouts")
def match_what_is_certain(desk: Desk) -> Todo:
    import_statement(desk.parts, with_account(desk), reader=reader)
    payouts(desk)
    return match_payouts


@errand("match by hand")
def match_one_by_hand(desk: Desk) -> Todo:
    _, second = payouts(desk)
    import_statement(desk.parts, with_account(desk), reader=reader)
    return partial(match_with_payout, line_id=line_of(desk.parts, 7000), payout_id=second, by="Priya")


@errand("undo match")
def undo_a_match(desk: Desk) -> Todo:
    payouts(desk)
    import_statement(desk.parts, with_account(desk), reader=reader)
    with desk.parts.db.read() as session:
        match_id = session.exec(select(BankMatch.id)).first()
    return partial(undo_match, match_id=match_id, by="Priya", why="It was another one.")


# --- rare moments of a gift -----------------------------------------------------------------------------------------


def page_without_an_answer(desk: Desk) -> tuple[str, str]:
    """Let the answer of the call that opens a payment page be lost; return the gift's reference and the page's id."""
    ref = desk.give("form-token-1")

    def at(point: str) -> None:
        if point == "stripe: open checkout: after":
            raise Killed(point)

    with faults.listening(at), suppress(Killed):
        asyncio.run(give.open_page(desk.parts, ref))
    return ref, desk.sandbox.world.accounts[desk.town.account]["sessions"].rows[-1]["id"]


@errand("give: found complete")
def come_back_after_paying(desk: Desk) -> Todo:
    ref, page = page_without_an_answer(desk)
    desk.sandbox.control("pay", {"session": page})
    desk.sandbox.advance(600)
    return lambda parts: asyncio.run(give.open_page(parts, ref))


@errand("inbox: put off")
def hear_of_a_refund_before_the_balance_shows_the_gift(desk: Desk) -> Todo:
    ref = desk.give("form-token-1")
    asyncio.run(give.open_page(desk.parts, ref))
    desk.sandbox.world.accounts[desk.town.account].terms.settle_seconds = [3000, 3000]
    page = desk.sandbox.world.accounts[desk.town.account]["sessions"].rows[-1]["id"]
    charge = desk.sandbox.control("pay", {"session": page})["charge"]
    desk.sandbox.control("refund", {"charge": charge, "amount": 100})
    now = desk.parts.clock.now()
    inbox.keep(desk.parts.db, [Arrival(SLUG, "evt_x", "charge.refunded", "charge", charge, "", now)], now)

    def later(parts: Parts) -> None:
        desk.sandbox.advance(121)  # What the one that died had claimed is free again; the gift is in no balance yet.
        follow_up(parts)

    return later


@errand("give: found closed")
def come_back_too_late(desk: Desk) -> Todo:
    ref, _ = page_without_an_answer(desk)
    desk.sandbox.advance(3_600)
    return lambda parts: asyncio.run(give.open_page(parts, ref))


@errand("give: refused")
def be_refused_by_stripe(desk: Desk) -> Todo:
    ref = desk.give("form-token-1")
    desk.sandbox.control("fault", {"kind": "status", "status": 400, "times": 100})
    return lambda parts: asyncio.run(give.open_page(parts, ref))


@errand("reconcile: failed", leaves_more=True)
def reconcile_without_stripe(desk: Desk) -> Todo:
    desk.sandbox.control("fault", {"kind": "status", "status": 500, "times": 1000})
    return lambda parts: reconcile_all(parts, by="Priya")


@errand("sweep: give up")
def give_a_gift_up(desk: Desk) -> Todo:
    desk.give("form-token-1")
    desk.sandbox.advance(26 * 3_600)
    return sweep


@errand("gift: visibility", "gift: receipt again", leaves_more=True)
def change_a_gift(desk: Desk) -> Todo:
    ref = desk.give("form-token-1", email="mara@example.org")
    with desk.parts.db.write("soak") as session:
        donation = give.locked_donation(session, ref)
        donation.state, donation.paid_at = "paid", desk.parts.clock.now()
        session.add(donation)

    def change(parts: Parts) -> None:
        manage_gift.change_visibility(parts, ref, {"name": "Mara", "show_name": "1"})
        manage_gift.send_receipt_again(parts, ref)

    return change


def clear(desk: Desk) -> None:
    shutil.rmtree(desk.folder, ignore_errors=True)
