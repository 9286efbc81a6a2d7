"""Report runs and their files: the CSV files that a treasurer downloads, in major units.

Source of the columns: https://docs.stripe.com/reports/report-types
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.calls import Call, Page, Raw, list_page
from fundraise.sandbox.events import emit, public
from fundraise.sandbox.messages import Obj, invalid_parameter
from fundraise.sandbox.money import exponent
from fundraise.sandbox.shapes import EXPAND, PAGE, TEXT, Currency, Integer, ListOf, Nested, Range, Required
from fundraise.sandbox.timeline import action

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account, World

RUN_SECONDS = 5

_ROW_COLUMNS = (
    "balance_transaction_id", "created_utc", "created", "available_on_utc", "available_on", "currency", "gross", "fee",
    "net", "reporting_category", "source_id", "description", "customer_facing_amount", "customer_facing_currency",
    "automatic_payout_id", "automatic_payout_effective_at_utc", "automatic_payout_effective_at", "customer_id",
    "customer_email", "customer_name", "charge_id", "payment_intent_id", "charge_created_utc", "charge_created",
    "payment_method_type", "card_brand", "card_country", "card_funding", "statement_descriptor", "subscription_id",
    "invoice_id", "trace_id", "trace_id_status",
)  # fmt: skip
_PAYOUT_COLUMNS = (
    "payout_id", "balance_transaction_id", "effective_at_utc", "effective_at", "currency", "gross", "fee", "net",
    "reporting_category", "description", "payout_expected_arrival_date", "payout_status", "payout_reversed_at",
    "payout_type", "payout_description", "payout_destination_id", "trace_id", "trace_id_status",
)  # fmt: skip
_TYPES = {
    "payout_reconciliation.itemized.5": _ROW_COLUMNS,
    "payout_reconciliation.by_id.itemized.4": _ROW_COLUMNS,
    "balance_change_from_activity.itemized.3": _ROW_COLUMNS,
    "payouts.itemized.3": _PAYOUT_COLUMNS,
}

CREATE = Nested(
    {
        **EXPAND,
        "report_type": Required(TEXT),
        "parameters": Nested(
            {
                "columns": ListOf(TEXT),
                "currency": Currency(),
                "interval_end": Integer(0),
                "interval_start": Integer(0),
                "payout": TEXT,
                "reporting_category": TEXT,
                "timezone": TEXT,
            }
        ),
    }
)
LIST = Nested({**PAGE, "created": Range()})
READ = Nested(EXPAND)


@behaves("report-runs")
def create(call: Call) -> Obj:
    """`POST /v1/reporting/report_runs`; the file is there some seconds later."""
    report_type, parameters = call.params["report_type"], call.params.get("parameters", {})
    known = _TYPES.get(report_type)
    if known is None:
        raise invalid_parameter(f"No such report type: '{report_type}'; the sandbox has {', '.join(_TYPES)}",
                                "report_type")  # fmt: skip
    unknown = [one for one in parameters.get("columns", []) if one not in known and "metadata[" not in one]
    if unknown:
        raise invalid_parameter(f"Invalid columns: {', '.join(unknown)}", "parameters[columns]")
    needed = ("payout",) if ".by_id." in report_type else ("interval_start", "interval_end")
    for name in needed:
        if name not in parameters:
            raise invalid_parameter(f"Missing required param: parameters[{name}].", f"parameters[{name}]",
                                    "parameter_missing")  # fmt: skip
    account = call.account
    run = account["report_runs"].add(
        {
            "id": account.new_id("frr_"),
            "object": "reporting.report_run",
            "created": account.now(),
            "error": None,
            "livemode": False,
            "parameters": parameters,
            "report_type": report_type,
            "result": None,
            "status": "pending",
            "succeeded_at": None,
        }
    )
    account.plan(account.now() + RUN_SECONDS, "report.finish", run=run["id"], base_url=call.base_url)
    return run


@action("report.finish")
def _finish(world: World, details: Obj) -> None:
    account = world.accounts[details["account"]]
    run = account["report_runs"].get(details["run"])
    content = _content(account, run)
    file_id = account.new_id("file_")
    file = account["files"].add(
        {
            "id": file_id,
            "object": "file",
            "created": account.now(),
            "expires_at": None,
            "filename": f"{run['id']}.csv",
            "links": {"object": "list", "data": [], "has_more": False, "url": f"/v1/file_links?file={file_id}"},
            "purpose": "finance_report_run",
            "size": len(content.encode()),
            "title": f"FinanceReportRun {run['id']}",
            "type": "csv",
            "url": f"{details['base_url']}/v1/files/{file_id}/contents",
            "_content": content,
        }
    )
    run |= {"status": "succeeded", "succeeded_at": account.now(), "result": public(file)}
    emit(account, "reporting.report_run.succeeded", run)


def _content(account: Account, run: Obj) -> str:
    parameters = run["parameters"]
    columns = parameters.get("columns") or list(_TYPES[run["report_type"]])
    zone = ZoneInfo(parameters.get("timezone", "Etc/UTC"))
    make = _payout_line if run["report_type"].startswith("payouts.") else _row_line
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore", restval="")
    writer.writeheader()
    for row in _rows(account, run):
        writer.writerow(make(account, row, zone, columns))
    return out.getvalue()


def _rows(account: Account, run: Obj) -> Iterator[Obj]:
    """Yield the balance transactions that a report is about, oldest first."""
    parameters = run["parameters"]
    wanted = _chosen(account, run)
    for row in account["balance_transactions"].rows:
        fits = all(row[name] == parameters[name] for name in ("currency", "reporting_category") if name in parameters)
        if fits and wanted(row):
            yield row


def _chosen(account: Account, run: Obj) -> Callable[[Obj], bool]:
    report_type, parameters = run["report_type"], run["parameters"]
    start, end = parameters.get("interval_start", 0), parameters.get("interval_end", 0)
    payouts = {row["id"]: row for row in account["payouts"].rows}
    if ".by_id." in report_type:
        return lambda row: row["_payout"] == parameters["payout"] and not row["type"].startswith("payout")
    if report_type.startswith("payout_reconciliation"):
        arrived = {
            one for one, row in payouts.items() if row["status"] == "paid" and start <= row["arrival_date"] < end
        }
        return lambda row: row["_payout"] in arrived and row["source"] not in arrived
    if report_type.startswith("payouts."):
        return lambda row: row["source"] in payouts and start <= row["created"] < end
    return lambda row: row["source"] not in payouts and start <= row["created"] < end


def _row_line(account: Account, row: Obj, zone: ZoneInfo, columns: list[str]) -> dict[str, str]:
    payout = account["payouts"].find(row["_payout"]) if row["_payout"] else None
    source = account.find(row["source"]) if row["source"] else None
    charge = source if source is None or source["object"] == "charge" else account.find(source.get("charge", ""))
    line = {
        "balance_transaction_id": row["id"],
        "currency": row["currency"],
        "gross": _major(row["amount"], row["currency"]),
        "fee": _major(row["fee"], row["currency"]),
        "net": _major(row["net"], row["currency"]),
        "reporting_category": row["reporting_category"],
        "source_id": row["source"] or "",
        "description": row["description"] or "",
        **_times("created", row["created"], zone),
        **_times("available_on", row["available_on"], zone),
    }
    if source is not None:
        line |= {
            "customer_facing_amount": _major(source["amount"] * (1 if row["amount"] >= 0 else -1), source["currency"]),
            "customer_facing_currency": source["currency"],
        }
    if payout is not None:
        line |= {"automatic_payout_id": payout["id"], **_trace(payout)}
        line |= _times("automatic_payout_effective_at", payout["arrival_date"], zone)
    return line | (_charge_columns(charge, zone, columns) if charge is not None else {})


def _charge_columns(charge: Obj, zone: ZoneInfo, columns: list[str]) -> dict[str, str]:
    details = charge["payment_method_details"]
    card = details.get("card", {})
    prefix = "payment_metadata["
    metadata = {one: charge["metadata"].get(one[len(prefix) : -1], "") for one in columns if one.startswith(prefix)}
    return {
        "charge_id": charge["id"],
        "payment_intent_id": charge["payment_intent"],
        "payment_method_type": details["type"],
        "card_brand": card.get("brand", ""),
        "card_country": card.get("country", ""),
        "card_funding": card.get("funding", ""),
        "customer_id": charge["customer"] or "",
        "customer_email": charge["billing_details"]["email"] or "",
        "customer_name": charge["billing_details"]["name"] or "",
        "statement_descriptor": charge["calculated_statement_descriptor"] or "",
        **_times("charge_created", charge["created"], zone),
        **metadata,
    }


def _payout_line(account: Account, row: Obj, zone: ZoneInfo, _columns: list[str]) -> dict[str, str]:
    payout = account["payouts"].get(row["source"])
    return {
        "payout_id": payout["id"],
        "balance_transaction_id": row["id"],
        "currency": row["currency"],
        "gross": _major(row["amount"], row["currency"]),
        "fee": _major(row["fee"], row["currency"]),
        "net": _major(row["net"], row["currency"]),
        "reporting_category": row["reporting_category"],
        "description": row["description"] or "",
        "payout_expected_arrival_date": _moment(payout["arrival_date"], zone),
        "payout_status": payout["status"],
        "payout_type": payout["type"],
        "payout_description": payout["description"],
        "payout_destination_id": payout["destination"],
        **_trace(payout),
        **_times("effective_at", row["created"], zone),
    }


def _trace(payout: Obj) -> dict[str, str]:
    return {"trace_id": payout["trace_id"]["value"] or "", "trace_id_status": payout["trace_id"]["status"]}


def _times(name: str, moment: int, zone: ZoneInfo) -> dict[str, str]:
    return {name: _moment(moment, zone), f"{name}_utc": _moment(moment, UTC)}


def _moment(moment: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(moment, zone).strftime("%Y-%m-%d %H:%M:%S")


def _major(amount_minor: int, currency: str) -> str:
    places = exponent(currency)
    return f"{Decimal(amount_minor).scaleb(-places):.{places}f}"


def listing(call: Call) -> Page:
    """`GET /v1/reporting/report_runs`."""
    return list_page(call, "report_runs", url="/v1/reporting/report_runs")


def retrieve(call: Call) -> Obj:
    """`GET /v1/reporting/report_runs/{report_run}`."""
    return call.account["report_runs"].get(call.ids["report_run"], param="report_run")


def retrieve_file(call: Call) -> Obj:
    """`GET /v1/files/{file}`."""
    return call.account["files"].get(call.ids["file"], param="file")


def contents(call: Call) -> Raw:
    """`GET /v1/files/{file}/contents`: the file itself, on files.stripe.com in the real world."""
    return Raw(retrieve_file(call)["_content"].encode(), "text/csv")
