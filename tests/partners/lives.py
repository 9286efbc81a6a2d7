"""Random lives of an appeal's partners, each told to the product and to the plain rules, which must always agree.

A seed always tells the same life. Each has a database of its own and a clock that it moves.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sqlmodel import Session

from fundraise import times
from fundraise.api.totals import total_told
from fundraise.appeals.questions import any_appeal
from fundraise.appeals.tables import Appeal
from fundraise.assembly import build_parts
from fundraise.bodies.tables import Body
from fundraise.campaigns.tables import Beneficiary, Campaign
from fundraise.clock import FrozenClock
from fundraise.errors import Refusal
from fundraise.figures.combined import combined_total
from fundraise.flows.add_partner import leave
from fundraise.flows.decide_report import accept_report, ask_about_report, refuse_report
from fundraise.flows.import_rates import keep_rates
from fundraise.flows.question_report import KINDS
from fundraise.flows.receive_report import Received, SentFigure, answer_question, receive_report
from fundraise.flows.record_transfer import Arrived, Sent, acknowledge_transfer, record_transfer, withdraw_transfer
from fundraise.ledger.accounts import Account
from fundraise.ledger.post import Leg, post
from fundraise.money import Money
from fundraise.partners.figure import figure_in
from fundraise.partners.tables import Partner
from fundraise.published_rates import BASES, PublishedFile, PublishedSheet, RateSource
from fundraise.sealing import new_ref
from fundraise.settings import Settings
from tests.partners import plain_rules as rules
from tests.partners.fellowship import STAFF
from tests.partners.looking_back import look_back, same, signature, sums_are_right

BEGINS = datetime(2026, 6, 1, 9, tzinfo=UTC)
CURRENCIES = {"coc": "EUR", "allout": "USD", "network": "EUR", "tokyo": "JPY", "nairobi": "KES"}
BODY, SLUG = "body:refuge", "spring-appeal"
LENGTHS = (8, 12, 16, 20)
Tell = Callable[[str], None]


class Violation(AssertionError):  # noqa: N818
    """Product and rules do not agree; the story so far stands in the message."""


@dataclass
class Came:
    """A report that came in: what the rules know of it, its very bytes and key, and what was answered."""

    report: rules.Report
    raw: bytes
    key: str | None
    first: Received

    @property
    def number(self) -> int:
        return self.first.report_id


@dataclass
class Moved:
    """A transfer as the rules know it, with the name under which the product knows it."""

    transfer: rules.Transfer
    ref: str


@dataclass
class Told:
    """What was told at a moment: the sums and every line, and sometimes the whole JSON twin."""

    moment: datetime
    lines: object
    whole: dict[str, Any] | None


@dataclass
class Life:
    """One life under way. What happens is drawn from `dice` alone."""

    seed: int
    settings: Settings
    tell: Tell = lambda _line: None
    did: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)
        self.clock = FrozenClock(BEGINS)
        self.parts = build_parts(self.settings, clock=self.clock)
        self.came: list[Came] = []
        self.moved: list[Moved] = []
        self.told: list[Told] = []
        self.ids: dict[str, int] = {}
        self.left: set[str] = set()
        self.story: list[str] = []

    # --- a life ---------------------------------------------------------------------------------------------------

    def live(self) -> None:
        """Live from beginning to end; raises `Violation`."""
        try:
            self._begin()
            for _ in range(self.dice.choice(LENGTHS)):
                self.dice.choices(ACTS, WEIGHTS)[0](self)
                self.clock.move(seconds=1)
                if self.dice.random() < 0.75:
                    self._look()
            self._look()
            look_back(self)
        except Exception as problem:
            story = "\n".join(self.story)
            said = f"{type(problem).__name__}: {problem}"
            raise Violation(f"seed {self.seed} on {self.parts.db.dialect}: {said}\n{story}") from problem
        finally:
            self.parts.db.close()

    def _begin(self) -> None:
        chance, now = self.dice, self.clock.now()
        chosen = chance.sample(sorted(CURRENCIES), 3)
        at_last = chance.choice(["campaign", "body", "partner", "partner"])
        finally_for = f"partner:{chosen[0]}" if at_last == "partner" else BODY
        appeal = Appeal(
            slug=SLUG,
            title="Spring",
            cause="Beds.",
            state="live",
            currency=chance.choice(["GBP", "GBP", "GBP", "EUR", "JPY"]),
            rate_source=chance.choice(["ECB", "ECB", "ECB", "HMRC"]),
            headline_stage=chance.choice(["collected", "collected", "received"]),
            created_at=now,
        )
        with self.parts.db.write("test") as session:
            body = Body(slug="refuge", legal_name="Refuge", name="Refuge", registration_number="1", regulator="x",
                        created_at=now)  # fmt: skip
            session.add(body)
            session.flush()
            appeal.beneficiary_body_id = body.id if at_last == "body" else None
            session.add(appeal)
            session.flush()
            campaign = Campaign(slug="spring", appeal_id=appeal.id, title="Beds", summary="Beds.", organiser="Us",
                                state="live", currency=appeal.currency, created_at=now)  # fmt: skip
            session.add(campaign)
            session.flush()
            session.add(Beneficiary(campaign_id=campaign.id, body_id=body.id, position=0, confirmed_at=now))
            for name in chosen:
                partner = Partner(ref=new_ref(), slug=name, appeal_id=appeal.id, name=name, currency=CURRENCIES[name],
                                  is_beneficiary=finally_for == f"partner:{name}", created_at=now)  # fmt: skip
                session.add(partner)
                session.flush()
                self.ids[name] = partner.id
            self.body_id, self.campaign_id = body.id, campaign.id
        self.stage = appeal.headline_stage
        currencies = {name: CURRENCIES[name] for name in chosen}
        self.rules = rules.Appeal(appeal.currency, currencies, frozenset({finally_for}), appeal.rate_source)
        told = f"{appeal.currency}, {self.stage}, rates of {appeal.rate_source}, finally for {finally_for}"
        self._say(f"{told}; {', '.join(chosen)}")
        if chance.random() < 0.8:
            self._bring_rates(self.today - timedelta(days=60))

    @property
    def today(self) -> date:
        return self.clock.now().date()

    def appeal(self, session: Session) -> Appeal:
        return any_appeal(session, SLUG)

    def stands_in_the_headline(self, name: str) -> bool:
        return self.stage == "collected" or f"partner:{name}" in self.rules.finally_for

    def _say(self, line: str) -> None:
        self.story.append(f"{times.iso(self.clock.now())} {line}")
        self.tell(self.story[-1])

    # --- what is so -----------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Compare what the product tells with what the rules say, and write down what was told."""
        self.clock.move(seconds=self.dice.choice([0, 60, 3600]))
        with self.parts.db.read() as session:
            appeal = self.appeal(session)
            total = combined_total(session, appeal, self.clock.now())
            whole = total_told(session, appeal, self.clock.now(), None) if self.dice.random() < 0.15 else None
        sums_are_right(self, total)
        self.told.append(Told(self.clock.now(), signature(total), whole))
        self.clock.move(seconds=1)

    # --- what may happen ------------------------------------------------------------------------------------------

    def _someone(self) -> str:
        return self.dice.choice([name for name in self.ids if name not in self.left] or list(self.ids))

    def report(self) -> None:
        """A partner reports: usually more than last time, sometimes what raises a question."""
        chance, name = self.dice, self._someone()
        currency = CURRENCIES[name]
        last = self.rules.accepted.get(name)
        base = last.figure if last is not None else chance.randint(1_000, chance.choice([1, 1, 1, 6]) * 5_000_000)
        to_it = self.rules.transfers_to(name)
        how = chance.choices(["grows", "same", "lower", "jumps", "transfer", "any"], [40, 12, 14, 7, 12, 10])[0]
        rise = chance.choice(to_it).minor if to_it and how == "transfer" else chance.randint(1, base // 2 + 10)
        amount = {"same": base, "lower": max(0, base - rise), "jumps": base * 3 + 1 + rise,
                  "any": chance.randint(0, 5_000_000)}.get(how, base + rise)  # fmt: skip
        relief: int | None = chance.choices([0, chance.randint(0, amount // 4), None], [85, 10, 4])[0]
        report = rules.Report(
            name,
            amount + (relief or 0),
            currency if chance.random() < 0.95 else chance.choice(["EUR", "USD", "GBP"]),
            self._day_of_a_figure(last),
            chance.choices(["collected", "received"], [9, 1])[0],
            chance.choices(["gross", "net", "unknown"], [88, 8, 4])[0],
            relief,
            self._inside(name),
        )
        self._send(report, f"key-{len(self.came)}" if chance.random() < 0.7 else None)
        if chance.random() < 0.65:
            self._settle(self.came[-1])

    def _day_of_a_figure(self, last: rules.Report | None) -> date:
        chance = self.dice
        today = self.today - timedelta(days=chance.choice([0, 0, 0, 1, 3, 20, chance.choice([40, 400])]))
        if last is None:
            return today
        return chance.choices(
            [max(today, last.as_of), last.as_of, last.as_of - timedelta(days=chance.randint(1, 9)),
             self.today + timedelta(days=chance.randint(1, 20))], [74, 12, 8, 4],
        )[0]  # fmt: skip

    def _inside(self, name: str) -> str | frozenset[str]:
        chance = self.dice
        known = [each.reference for each in self.rules.transfers if each.receiver == f"partner:{name}"]
        named = chance.sample(known, min(len(known), chance.randint(1, 3))) if known else []
        if chance.random() < 0.15:
            named.append("NOBODY-KNOWS")
        says = chance.choices(["none", "all", "unknown", "named"], [36, 26, 16, 22])[0]
        return says if says != "named" else frozenset(named) or "none"

    def _send(self, report: rules.Report, key: str | None) -> None:
        raw = bytes_of(report, self.dice)
        self._say(f"{report.who} reports {report.says} under {key}")
        asks = self.rules.asks(report, self.today)
        got = self._receive(report.who, raw, key)
        same({question.code for question in got.questions}, asks, "what the report is asked")
        report.asked = [(question.code, "") for question in got.questions]
        report.state = "held" if asks else "received"
        same(got.state, report.state, "how the report came in")
        self.rules.reports.append(report)
        self.came.append(Came(report, raw, key, got))
        self.did.update([f"asked: {code}" for code in asks])

    def _receive(self, name: str, raw: bytes, key: str | None) -> Received:
        return receive_report(self.parts, self.ids[name], SentFigure(figure_in(raw), raw, key), came_by="api")

    def again(self) -> None:
        """The same comes a second time: under its key nothing is new, without one it is asked about."""
        if not self.came:
            return
        came = self.dice.choice(self.came)
        if came.key is None or self.dice.random() < 0.2:
            report = came.report
            self._send(rules.Report(report.who, *report.says), None)
            return
        if self.dice.random() < 0.25:
            other = rules.Report(came.report.who, *came.report.says)
            other.amount += 1
            self._say(f"{other.who} reports something else under {came.key}")
            raw = bytes_of(other, self.dice)
            refused(lambda: self._receive(other.who, raw, came.key), "another report under a key that was used")
            return
        self._say(f"{came.report.who} sends again what it sent under {came.key}")
        twice = self._receive(came.report.who, json.dumps(json.loads(came.raw), indent=1).encode(), came.key)
        same(twice, came.first, "the answer to the same under the same key")
        self.did["sent again under its key"] += 1

    def _settle(self, came: Came) -> None:
        """Have every question answered that the partner can answer, and let the staff accept."""
        for code, answer in list(came.report.asked):
            if not answer and code not in rules.BLOCKING:
                self._answer(came, code, willing=self.dice.random() < 0.8)
        self._accept(came, with_reason=self.dice.random() < 0.5)

    def answer(self) -> None:
        """A partner answers a question, or one that nobody asked."""
        waiting = [came for came in self.came if came.report.state == "held"]
        if waiting:
            came = self.dice.choice(waiting)
            self._answer(came, self.dice.choice(sorted(KINDS)), willing=True)
            for code, answer in list(came.report.asked):
                if not answer and self.dice.random() < 0.5:
                    self._answer(came, code, willing=self.dice.random() < 0.5)

    def _answer(self, came: Came, code: str, *, willing: bool) -> None:
        report, kind = came.report, KINDS[code]
        answers = [each for each in kind.answers if not willing or (code, each) not in rules.SENDS_AGAIN]
        answer = self.dice.choice(answers) if answers else ""

        def say() -> None:
            answer_question(self.parts, self.ids[report.who], came.number, code, answer, "as we said", by="T. Surer")

        self._say(f"{report.who} answers {code} of report {came.number}: {answer}")
        place = next((at for at, each in enumerate(report.asked) if each == (code, "")), None)
        if report.state != "held" or place is None or code in rules.BLOCKING:
            refused(say, "an answer to what is not asked")
            return
        say()
        report.asked[place] = (code, answer or "as we said")
        if all(each for _, each in report.asked):
            report.state = "received"

    def decide(self) -> None:
        """The staff accept a report, with or without a reason, or refuse it, or ask about it."""
        if not self.came:
            return
        waiting = [came for came in self.came if came.report.state in rules.OPEN]
        came = self.dice.choice(waiting if waiting and self.dice.random() < 0.9 else self.came)
        do = self.dice.choices([self._accept, self._refuse, self._ask], [80, 12, 8])[0]
        do(came)

    def _accept(self, came: Came, *, with_reason: bool | None = None) -> None:
        if with_reason is None:
            with_reason = self.dice.random() < 0.6
        why = "they told us by telephone" if with_reason else ""
        self._say(f"staff accept report {came.number}{' with a reason' if with_reason else ''}")
        lower = "lower" in self.rules.asks(came.report, self.today)
        if self.rules.accept(came.report, self.today, with_reason=with_reason):
            accept_report(self.parts, came.number, by=STAFF, why=why)
            self.did.update(["accepted"] + ["a lower figure accepted"] * lower)
        else:
            refused(lambda: accept_report(self.parts, came.number, by=STAFF, why=why), "a report that may not count")
            self.did["acceptance refused"] += 1

    def _refuse(self, came: Came) -> None:
        self._say(f"staff refuse report {came.number}")

        def refuse() -> None:
            refuse_report(self.parts, came.number, by=STAFF, why="it is another appeal’s")

        if came.report.state in rules.OPEN:
            refuse()
            came.report.state = "rejected"
        else:
            refused(refuse, "refusing what was decided")

    def _ask(self, came: Came) -> None:
        self._say(f"staff ask about report {came.number}")

        def ask() -> None:
            ask_about_report(self.parts, came.number, by=STAFF, question="Is the raffle in it?")

        if came.report.state in rules.OPEN:
            ask()
            came.report.asked = [each for each in came.report.asked if each != ("staff", "")] + [("staff", "")]
            came.report.state = "held"
        else:
            refused(ask, "asking about what was decided")

    def send_on(self) -> None:
        """A participant sends another one money; sometimes exactly what its figure then rises by."""
        chance = self.dice
        ends = [*(f"partner:{name}" for name in self.ids), BODY]
        sender, receiver = chance.sample(ends, 2)
        theirs, its_own = (CURRENCIES.get(end.partition(":")[2], "GBP") for end in (sender, receiver))
        currency = its_own if chance.random() < 0.7 else theirs
        name = receiver.partition(":")[2]
        last = self.rules.accepted.get(name)
        most = max(10, (last.figure if last is not None else 1_000_000) // 2)
        transfer = rules.Transfer(
            f"T-{len(self.moved)}",
            sender,
            receiver,
            chance.randint(1, most),
            currency,
            self.today - timedelta(days=chance.choice([0, 1, 2, 10, 40])),
            expected=chance.randint(1, most)
            if currency != its_own and receiver != BODY and chance.random() < 0.4
            else None,
        )
        self._say(f"{sender} sends {receiver} {transfer}")
        sent = Sent(
            appeal=SLUG,
            sender=sender,
            receiver=receiver,
            sent=Money(transfer.minor, currency),
            sent_on=transfer.sent_on,
            reference=transfer.reference,
            expected=Money(transfer.expected, its_own) if transfer.expected is not None else None,
        )
        ref = record_transfer(self.parts, sent, by=STAFF)
        refused(lambda: record_transfer(self.parts, sent, by=STAFF), "a transfer under a reference that another has")
        self.moved.append(Moved(transfer, ref))
        self.rules.transfers.append(transfer)
        self.rules.learnt(transfer)

    def arrives(self) -> None:
        """A receiver says what arrived; said again it changes nothing, and said otherwise it is refused."""
        if not self.moved:
            return
        moved = self.dice.choice(self.moved)
        transfer, currency = moved.transfer, self.rules.arrives_in(moved.transfer)
        near = transfer.minor if currency == transfer.currency else transfer.expected or transfer.minor
        minor = max(1, near - self.dice.choice([0, 0, 1, near // 50]))
        on = min(transfer.sent_on + timedelta(days=self.dice.choice([0, 1, 2, 5])), self.today + timedelta(days=1))
        if transfer.arrived is not None and self.dice.random() < 0.5:
            minor, on = transfer.arrived, transfer.day
        self._say(f"{minor} {currency} of {transfer.reference} arrived on {on}")

        def say() -> bool:
            return acknowledge_transfer(
                self.parts, moved.ref, Arrived(amount=Money(minor, currency), on=on, said_by="They")
            )

        if not transfer.stands or (transfer.arrived is not None and (minor, on) != (transfer.arrived, transfer.day)):
            refused(say, "another word about what arrived")
            return
        same(say(), transfer.arrived is None, "whether it was said before")
        if transfer.arrived is None:
            transfer.arrived, transfer.arrived_on = minor, on
            self.rules.learnt(transfer)

    def take_back(self) -> None:
        """The staff take back a transfer that was typed by mistake."""
        if not self.moved:
            return
        moved = self.dice.choice(self.moved)
        self._say(f"staff take back {moved.transfer.reference}")

        def take_back() -> None:
            withdraw_transfer(self.parts, moved.ref, by=STAFF, why="typed twice")

        if moved.transfer.stands:
            take_back()
            moved.transfer.stands = False
            self.rules.learnt(moved.transfer)
        else:
            refused(take_back, "taking back what was taken back")

    def rates(self) -> None:
        """Rates come: of a new day, of an earlier one, or other ones for a day that has some."""
        known = sorted(self.rules.rates)
        day = self.today - timedelta(days=self.dice.choice([0, 1, 7, 30, 70]))
        self._bring_rates(self.dice.choice(known) if known and self.dice.random() < 0.4 else day)

    def _bring_rates(self, day: date) -> None:
        """Publish rates as the appeal's source does: the ECB's of a day by the euro, HMRC's of a month by the pound."""
        chance, source = self.dice, RateSource(self.rules.source)
        day = day if source is RateSource.ECB else day.replace(day=1)
        published = {
            "GBP": f"0.{chance.randint(7000, 9999)}",
            "EUR": f"1.{chance.randint(0, 2999):04d}",
            "USD": f"1.{chance.randint(0, 9999):04d}",
            "JPY": f"{chance.randint(100, 190)}.{chance.randint(0, 99):02d}",
            "KES": f"{chance.randint(90, 190)}.{chance.randint(0, 9999):04d}",
        }
        del published[BASES[source]]
        for currency, missing in (("KES", 0.5), ("JPY", 0.1), ("GBP", 0.08)):
            if chance.random() < missing:
                published.pop(currency, None)
        self._say(f"rates of {day}: {published}")
        raw = json.dumps([str(day), published]).encode()
        keep_rates(self.parts, [PublishedFile("test", raw, [PublishedSheet(source, day, published)])], by=STAFF)
        self.rules.rates_came(day, published)

    def time_passes(self) -> None:
        self.clock.move(days=self.dice.choice([1, 2, 5, 12, 31, 45]))

    def goes(self) -> None:
        """A partner leaves: its figure stays, with its day."""
        if len(self.left) == 0 and self.dice.random() < 0.5:
            name = self._someone()
            self._say(f"{name} leaves")
            leave(self.parts, name, by=STAFF)
            self.left.add(name)

    def gift(self) -> None:
        """Somebody gives here."""
        minor, now, currency = self.dice.randint(100, 50_000), self.clock.now(), self.rules.currency
        self._say(f"a gift here of {minor}")
        legs = [
            Leg(Account.BANK, minor, currency, self.body_id),
            Leg(Account.ONLINE_GIFTS, -minor, currency, self.body_id, campaign_id=self.campaign_id, counts=True),
        ]
        with self.parts.db.write("test") as session:
            post(session, f"gift:{len(self.story)}", legs, why="a gift", occurred_at=now, now=now)
        self.rules.own_gifts += minor


ACTS: tuple[Callable[[Life], None], ...] = (
    Life.report, Life.again, Life.answer, Life.decide, Life.send_on, Life.arrives, Life.take_back, Life.rates,
    Life.time_passes, Life.goes, Life.gift,
)  # fmt: skip
WEIGHTS = (34, 6, 5, 12, 13, 9, 4, 6, 9, 1, 3)


def bytes_of(report: rules.Report, chance: Random) -> bytes:
    """Write a report as a partner's program does, its fields in any order."""
    inside = sorted(report.inside) if isinstance(report.inside, frozenset) else report.inside
    values = {
        "amount_minor": report.amount,
        "currency": report.currency,
        "as_of": report.as_of.isoformat(),
        "stage": report.stage,
        "gross_or_net": report.basis,
        "gift_aid": "unknown" if report.relief is None else report.relief or "none",
        "our_transfers": inside,
        "submitted_by": "T. Surer",
    }
    names = sorted(values)
    chance.shuffle(names)
    return json.dumps({name: values[name] for name in names}).encode()


def refused(do: Callable[[], object], what: str) -> None:
    try:
        do()
    except Refusal:
        return
    raise AssertionError(f"this was not refused: {what}")


def live(seeds: Iterable[int], fresh: Callable[[], Settings]) -> Counter[str]:
    """Live so many lives, each on a fresh database; return how often what happened. Raises `Violation`."""
    did: Counter[str] = Counter()
    for seed in seeds:
        life = Life(seed, fresh())
        life.live()
        did.update(life.did)
    return did
