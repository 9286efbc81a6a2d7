"""An appeal's page with its combined total, and that total opened to its lines and their evidence."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response
from sqlmodel import Session, col, select

from fundraise import money, times
from fundraise.api.totals import moment_in, total_told
from fundraise.appeals.questions import public_appeal
from fundraise.appeals.tables import Appeal, Stage
from fundraise.campaigns.tables import Campaign
from fundraise.doors import PartsOf
from fundraise.errors import NotFound
from fundraise.figures.charities import charities_of
from fundraise.figures.combined import Combined, combined_total
from fundraise.figures.making import STAGE_WORDS, partner_pieces
from fundraise.figures.own_gifts import given_to
from fundraise.figures.partner_parts import partner_parts
from fundraise.figures.public import appeal_with_campaigns, totals_of
from fundraise.money import Money
from fundraise.partners.tables import Partner, PartnerReport, ReportFile
from fundraise.showing import values as showing
from fundraise.showing.appeal_lines import is_stale, participant_lines
from fundraise.showing.cards import campaign_cards
from fundraise.text import paragraphs
from fundraise.views.appeal_pages import AppealPage, CountedLine, HowCountedPage, ParticipantLine
from fundraise.views.parts import Bar, Chart, Evidence, Link, Moment, TotalView
from fundraise.views.site import LegalBody
from fundraise.web.pages import answer

router = APIRouter()
SCRIPT: Final = "/static/rebuild_total.py"
_WHOLE: Final = 100
_EXPLANATION: Final = (
    "Money counts once, where it first came in from an outside donor. What one participant passes to another is no new "
    "money.",
    "Gifts by card here count when they are paid, before fees, and go out again when they are refunded.",
    "A partner’s figure counts once a person has accepted it. Tax relief, promises and matched money are not in it.",
    "Each amount in another currency is converted once, at the rate of its day, and stays as it was converted.",
)
_AsOf = Annotated[str, Query(max_length=40)]


@router.get("/a/{slug}")
def show_appeal(slug: str, parts: PartsOf, as_of: _AsOf = "") -> Response:
    """Show an appeal with its combined total, now or as it was."""
    now = parts.clock.now()
    with parts.db.read() as session:
        page = appeal_page(session, slug, now, moment_in(as_of, now) if as_of else None)
    return answer(parts, "public/appeal.html", page)


@router.get("/a/{slug}/counted")
def show_counted(slug: str, parts: PartsOf, as_of: _AsOf = "") -> Response:
    """Open an appeal's total to its lines."""
    now = parts.clock.now()
    with parts.db.read() as session:
        page = _counted_page(session, slug, now, moment_in(as_of, now) if as_of else None, parts.settings.base_url)
    return answer(parts, "public/how_counted.html", page)


@router.get("/a/{slug}/counted/{partner_id}")
def show_partner_counted(
    slug: str, partner_id: Annotated[int, Path(ge=1, lt=2**63)], parts: PartsOf, as_of: _AsOf = ""
) -> Response:
    """Open a partner's part to every change it is made of."""
    now = parts.clock.now()
    with parts.db.read() as session:
        page = _partner_page(session, slug, partner_id, now, moment_in(as_of, now) if as_of else None)
    return answer(parts, "public/how_counted.html", page)


@router.get("/a/{slug}/evidence/{sha256}")
def show_evidence(slug: str, sha256: str, parts: PartsOf) -> Response:
    """Give out a file that a partner allowed to be shown; always as a download, never opened on our own address."""
    with parts.db.read() as session:
        appeal = public_appeal(session, slug)
        file = session.exec(
            select(ReportFile)
            .join(PartnerReport, col(PartnerReport.id) == col(ReportFile.report_id))
            .join(Partner, col(Partner.id) == col(PartnerReport.partner_id))
            .where(
                col(ReportFile.sha256) == sha256,
                col(ReportFile.is_public),
                col(Partner.appeal_id) == appeal.id,
                ~col(Partner.is_unnamed),
                col(PartnerReport.state).in_(["accepted", "superseded"]),
            )
        ).first()
    if file is None:
        raise NotFound("There is no such file.")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(file.raw, media_type="application/octet-stream", headers=headers)


def appeal_page(session: Session, slug: str, now: datetime, as_of: datetime | None = None) -> AppealPage:
    """Make an appeal's page; `NotFound` for a draft or none."""
    appeal, campaigns = appeal_with_campaigns(session, slug)
    given = given_to(session, {campaign.id: campaign.currency for campaign in campaigns}, as_of=as_of)
    total = combined_total(session, appeal, now, as_of=as_of, given=given)
    lines = participant_lines(session, appeal, total)
    totals = totals_of(given, campaigns, total.as_of)
    moment = total.as_of.isoformat().replace("+00:00", "Z")
    return AppealPage(
        title=appeal.title,
        helped=appeal.cause,
        total=appeal_view(appeal, total, is_past=as_of is not None),
        campaigns=campaign_cards(campaigns, totals, now),
        story=paragraphs(appeal.story),
        bodies=_bodies(session, campaigns),
        stages=_stages(appeal, total),
        participants=lines if _is_shared(total) else (),
        participants_sum=money.show(total.amount),
        currency_words=money.name(appeal.currency),
        warnings=_warnings(total, is_past=as_of is not None),
        permalink=Link(text="This page as it is now, for ever", href=f"/a/{slug}?as_of={moment}")
        if as_of is None
        else Link(text="The page as it is now", href=f"/a/{slug}"),
    )


def appeal_view(appeal: Appeal, total: Combined, *, is_past: bool = False) -> TotalView:
    """Return an appeal's headline, its stage in words."""
    gifts = f"{total.gifts:,} gift" + ("" if total.gifts == 1 else "s") + " by card here"
    return TotalView(
        amount=money.show(total.amount),
        meaning=STAGE_WORDS[total.stage],
        as_of=showing.at(total.as_of) if is_past else showing.at_clock(total.as_of),
        gifts=gifts if total.gifts and total.stage is Stage.COLLECTED else "",
        on_its_way=tuple(money.show(amount) for amount in total.on_its_way),
        not_converted=tuple(money.show(amount) for amount in total.not_converted),
        explanation=_EXPLANATION,
        counted_href=f"/a/{appeal.slug}/counted",
    )


def _bodies(session: Session, campaigns: Sequence[Campaign]) -> tuple[LegalBody, ...]:
    return tuple(showing.legal_body(body) for body in charities_of(session, campaigns))


def _is_shared(total: Combined) -> bool:
    """Tell whether there is more to show than the gifts here that the headline says already."""
    return len(total.lines) > 1 or any(line.partner is not None or line.waiting_minor for line in total.lines)


def _stages(appeal: Appeal, total: Combined) -> Chart | None:
    amounts = {"collected": total.collected, "remitted": total.remitted, "received": total.received}
    if not _is_shared(total) and not total.remitted and not total.stages_waiting:
        return None
    longest = max(1, *(amount.minor for amount in amounts.values()))
    words = {
        "collected": ("Collected", "from outside donors, each gift once"),
        "remitted": ("On its way", "sent on, not yet acknowledged"),
        "received": ("Received", f"by {appeal.beneficiary}" if appeal.beneficiary else "by those it is for"),
    }
    return Chart(
        title="The same money at each stage",
        bars=tuple(
            Bar(
                label=words[stage][0],
                amount=money.show(amount),
                percent=f"{max(0, amount.minor) * _WHOLE // longest}",
                note="; ".join([words[stage][1], *_waits(total, stage)]),
                is_headline=stage == total.stage,
            )
            for stage, amount in amounts.items()
        ),
        label_head="Stage",
        amount_head=money.name(appeal.currency),
    )


def _waits(total: Combined, stage: str) -> Iterator[str]:
    for amount in total.stages_waiting.get(stage, ()):
        yield f"{money.show(amount)} more waits for an exchange rate"


def _warnings(total: Combined, *, is_past: bool) -> tuple[str, ...]:
    found = [f"This is the total as it was on {times.full(total.as_of)}."] if is_past else []
    parts = [line.partner for line in total.lines if line.partner is not None]
    stale = sum(is_stale(part, total.as_of.date()) and not part.has_left for part in parts)
    if stale:
        found.append(f"{_partners(stale)} last reported more than 30 days ago.")
    if total.silent_partners:
        found.append(f"{_partners(total.silent_partners)} {_has(total.silent_partners)} no accepted figure yet.")
    waiting = sum(bool(line.waiting_minor) for line in total.lines)
    if waiting:
        found.append("An amount waits for an exchange rate." if waiting == 1 else f"{waiting} amounts wait for a rate.")
    if any(part.is_low for part in parts):
        found.append(
            "Where it is not known whether money of others is in a figure, it was taken out: the total is low."
        )
    return tuple(found)


def _partners(count: int) -> str:
    return "1 partner" if count == 1 else f"{count} partners"


def _has(count: int) -> str:
    return "has" if count == 1 else "have"


# --- how it is counted ------------------------------------------------------------------------------------------------


def _counted_page(session: Session, slug: str, now: datetime, as_of: datetime | None, base_url: str) -> HowCountedPage:
    appeal, campaigns = appeal_with_campaigns(session, slug)
    total = combined_total(session, appeal, now, as_of=as_of)
    told = total_told(session, appeal, now, as_of)
    address = f"/api/v1/appeals/{slug}/total?as_of={total.as_of.isoformat().replace('+00:00', 'Z')}"
    lines = zip(participant_lines(session, appeal, total), total.lines, strict=True)
    return HowCountedPage(
        title=appeal.title,
        back=Link(text=appeal.title, href=f"/a/{slug}"),
        total=appeal_view(appeal, total, is_past=as_of is not None),
        lines=tuple(_counted_line(shown, Money(line.display_minor, appeal.currency)) for shown, line in lines),
        rules=_EXPLANATION,
        beside=_beside(total),
        data_href=address,
        script_href=SCRIPT,
        script_words=f"python rebuild_total.py '{base_url}{address}' {told['id'][:16]}",
        bodies=_bodies(session, campaigns),
    )


def _counted_line(shown: ParticipantLine, amount: Money) -> CountedLine:
    less = f", less {shown.less_transfers} counted elsewhere" if shown.less_transfers else ""
    rate = f", {shown.rate} ({shown.rate_source})" if shown.rate else ""
    every = (Evidence(text="Every change of it", href=shown.href),) if shown.href else ()
    return CountedLine(
        label=shown.name,
        amount=money.show(amount),
        note=f"{shown.own_amount}{less}{rate}; {shown.stage}, as of {shown.as_of.text}"
        + (f". {shown.mark.word}" if shown.mark is not None else ""),
        evidence=(*shown.evidence, *every),
    )


def _beside(total: Combined) -> tuple[CountedLine, ...]:
    lines = [
        CountedLine(label="Paid by card, on its way into the total", amount=money.show(amount))
        for amount in total.on_its_way
    ]
    lines += [
        CountedLine(label="Waits for an exchange rate", amount=money.show(amount)) for amount in total.not_converted
    ]
    if total.remitted and total.stage is Stage.RECEIVED:
        lines.append(CountedLine(label="Sent on, and not yet acknowledged", amount=money.show(total.remitted)))
    return tuple(lines)


def _partner_page(
    session: Session, slug: str, partner_id: int, now: datetime, as_of: datetime | None
) -> HowCountedPage:
    appeal, campaigns = appeal_with_campaigns(session, slug)
    found = {part.partner_id: part for part in partner_parts(session, appeal.id, as_of=as_of).parts}
    part = found.get(partner_id)
    if part is None:
        raise NotFound("There is no such participant.")
    asked = as_of or now
    changes = partner_pieces(session, appeal, partner_id, as_of=as_of)
    waiting = (Money(part.waiting_minor, part.currency),) if part.waiting_minor else ()
    return HowCountedPage(
        title=part.public_name,
        back=Link(text=appeal.title, href=f"/a/{slug}/counted"),
        total=TotalView(
            amount=money.show(Money(part.display_minor, appeal.currency)),
            meaning=f"counted for {part.public_name}",
            as_of=Moment(text=times.full(asked), iso=times.iso(asked)),
        ),
        lines=tuple(
            CountedLine(
                label=f"As of {times.day_said(datetime.fromisoformat(piece.as_of).date())}",
                amount=money.show(Money(piece.display_minor, appeal.currency)),
                note=_change_note(piece.amount_minor, piece.less_transfers_minor, piece.currency)
                + (f", at {piece.rate[:12]} ({piece.rate_source}, {piece.rate_date})" if piece.rate_source else ""),
                evidence=(
                    Evidence(
                        text=f"Report accepted on {piece.accepted_at[:10]}", fingerprint=piece.evidence_sha256[:16]
                    ),
                ),
            )
            for piece in changes
        ),
        rules=_EXPLANATION,
        beside=tuple(CountedLine(label="Waits for an exchange rate", amount=money.show(each)) for each in waiting),
        bodies=_bodies(session, campaigns),
    )


def _change_note(amount: int, less: int, currency: str) -> str:
    if not amount and not less:
        return "The amount stays as it was"
    more = (
        f"{money.show(Money(amount, currency))} more" if amount >= 0 else f"{money.show(Money(-amount, currency))} less"
    )
    if not less:
        return more
    taken = money.show(Money(abs(less), currency))
    return f"{more}, {taken} of it counted elsewhere" if less > 0 else f"{more}, {taken} no longer counted elsewhere"
