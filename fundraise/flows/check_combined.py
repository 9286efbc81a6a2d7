"""The checks of combined totals: sums so far, conversions, accepted reports and transfers all say the same."""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from fundraise.appeals.tables import Appeal
from fundraise.flows.count_partner import contained, figure_minor, part_of
from fundraise.ledger.check import Finding
from fundraise.money import convert_minor
from fundraise.partners.questions import newest_increment
from fundraise.partners.rules import Part
from fundraise.partners.tables import Partner, PartnerReport, ReportState
from fundraise.transfers.questions import value_minor

_SHOWN = 20


def sums_that_differ(session: Session) -> Iterator[Finding]:
    """A partner's sums so far are those of its rows, and every row follows the one before it."""
    rows = session.execute(
        text(
            "SELECT p.slug, s.id FROM (SELECT i.id, i.partner_id, i.follows_id, "
            "i.total_amount_minor - SUM(i.amount_minor) OVER w AS amount_off, "
            "i.total_less_minor - SUM(i.less_transfers_minor) OVER w AS less_off, "
            "i.total_display_minor - SUM(COALESCE(i.display_minor, 0)) OVER w AS display_off, "
            "i.total_waiting_minor - SUM(CASE "
            "WHEN i.display_minor IS NULL THEN i.amount_minor - i.less_transfers_minor "
            "WHEN i.converts_id IS NOT NULL THEN -(f.amount_minor - f.less_transfers_minor) ELSE 0 END) OVER w "
            "AS waiting_off, COALESCE(LAG(i.id) OVER w, 0) AS before_id "
            "FROM increment i LEFT JOIN increment f ON f.id = i.converts_id "
            "WINDOW w AS (PARTITION BY i.partner_id ORDER BY i.made_at, i.id)) s "
            "JOIN partner p ON p.id = s.partner_id WHERE amount_off <> 0 OR less_off <> 0 OR display_off <> 0 "
            "OR waiting_off <> 0 OR before_id <> follows_id ORDER BY s.id LIMIT :shown"
        ),
        {"shown": _SHOWN},
    )
    for slug, row_id in rows:
        yield Finding("partner_sums_differ", f"the sums so far of partner {slug} are wrong from row {row_id} on")


def own_sums_that_differ(session: Session) -> Iterator[Finding]:
    """The sums so far of converted gifts here are those of their rows, for appeals and for campaigns."""
    for table, key, whose in (
        ("own_increment", "appeal_id, body_id, currency", "an appeal"),
        ("gift_increment", "campaign_id, body_id, currency", "a campaign"),
    ):
        rows = session.execute(
            text(
                "SELECT s.id FROM (SELECT id, total_amount_minor - SUM(amount_minor) OVER w AS amount_off, "  # noqa: S608  Names of ours.
                f"total_display_minor - SUM(display_minor) OVER w AS display_off FROM {table} "
                f"WINDOW w AS (PARTITION BY {key} ORDER BY made_at, id)) s "
                "WHERE amount_off <> 0 OR display_off <> 0 ORDER BY s.id LIMIT :shown"
            ),
            {"shown": _SHOWN},
        )
        for (row_id,) in rows:
            yield Finding(
                "own_sums_differ", f"the sums so far of {whose}'s converted gifts are wrong from row {row_id}"
            )


def converted_wrongly(session: Session) -> Iterator[Finding]:
    """Every amount that was converted comes to what its own factor says."""
    rows = session.execute(
        text(
            "SELECT i.id, COALESCE(f.amount_minor - f.less_transfers_minor, i.amount_minor - i.less_transfers_minor), "
            "i.currency, i.factor, i.display_currency, i.display_minor, 'a partner''s part' FROM increment i "
            "LEFT JOIN increment f ON f.id = i.converts_id WHERE i.display_minor IS NOT NULL "
            "UNION ALL SELECT id, amount_minor, currency, factor, display_currency, display_minor, 'converted gifts' "
            "FROM own_increment "
            "UNION ALL SELECT id, amount_minor, currency, factor, display_currency, display_minor, "
            "'a campaign''s converted gifts' FROM gift_increment"
        )
    )
    for row_id, own, currency, factor, into, display, what in rows:
        if convert_minor(own, currency, Decimal(factor or "1"), into) != display:
            yield Finding("converted_wrongly", f"row {row_id} of {what} does not come to what it says")


def parts_that_differ(session: Session) -> Iterator[Finding]:
    """What a partner's rows sum to is its accepted figure, less the transfers that the figure contains."""
    reports = {
        report.partner_id: report
        for report in session.exec(
            select(PartnerReport)
            .where(col(PartnerReport.state) == ReportState.ACCEPTED)
            .options(defer(col(PartnerReport.raw)))  # type: ignore[arg-type]
        )
    }
    rows = session.exec(select(Partner, Appeal).join(Appeal, col(Appeal.id) == col(Partner.appeal_id))).all()
    for partner, appeal in rows:
        report, newest = reports.get(partner.id), newest_increment(session, partner.id)
        said = (newest.total_amount_minor, newest.total_less_minor) if newest is not None else (0, 0)
        if report is None:
            if newest is not None:
                yield Finding("part_without_report", f"partner {partner.slug} counts, and no report of it is accepted")
            continue
        part = _part(session, appeal, partner, report)
        if part is not None and (part.amount_minor, part.less_minor) != said:
            yield Finding(
                "part_differs",
                f"partner {partner.slug} counts for {said[0]} less {said[1]}; its report and the transfers to it say "
                f"{part.amount_minor} less {part.less_minor}",
            )


def _part(session: Session, appeal: Appeal, partner: Partner, report: PartnerReport) -> Part | None:
    """Return what should count; None where a transfer's amount was estimated.

    A rate that is corrected later does not move what was frozen, so an estimate cannot be made again.
    """
    if report.our_transfers == "none":
        return Part(figure_minor(report), 0)
    if any(value_minor(known, partner.currency) is None for known in contained(session, report)):
        return None
    return part_of(session, appeal, partner, report)


def reports_accepted_twice(session: Session) -> Iterator[Finding]:
    """One report of a partner counts, and somebody accepted it."""
    rows = session.execute(
        text(
            "SELECT p.slug, COUNT(*), SUM(CASE WHEN EXISTS (SELECT 1 FROM report_step s WHERE s.report_id = r.id "
            "AND s.step = 'accepted') THEN 1 ELSE 0 END) FROM partner_report r JOIN partner p ON p.id = r.partner_id "
            "WHERE r.state = 'accepted' GROUP BY p.id, p.slug ORDER BY p.slug"
        )
    )
    for slug, count, signed in rows:
        if count != 1 or signed != 1:
            yield Finding(
                "reports_accepted", f"partner {slug} has {count} accepted reports, {signed} of them by somebody"
            )


CHECKS_OF_TOTALS = (
    sums_that_differ,
    own_sums_that_differ,
    converted_wrongly,
    parts_that_differ,
    reports_accepted_twice,
)
