"""What a visitor of the demonstration tries, in the order of its tour. The tests build on each other."""

import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import httpx2 as httpx

from fundraise.jobs.timetable import TIMETABLE
from tests.staff.office import Office

SCRIPT = Path(__file__).resolve().parents[2] / "fundraise" / "web" / "static" / "rebuild_total.py"
RECONCILIATION = "/staff/reconciliation"


def work(visit: Office, *names: str) -> None:
    """Let jobs of the timetable run."""
    for job in TIMETABLE:
        if job.name in names:
            job.run(visit.world.parts)


def appeal(visit: Office) -> dict[str, object]:
    return dict(visit.browser.get("/api/v1/appeals/chechnya-2017/total").json())


def days_later(visit: Office, days: int = 1) -> None:
    """Move time on, hearing of what happens on the way."""
    for _ in range(days * 2):
        visit.world.advance(hours=12)
        visit.world.hear()


def is_green(visit: Office) -> bool:
    return "Nothing is open." in visit.open(RECONCILIATION).text


def society(visit: Office) -> str:
    return str(visit.world.accounts["pride-society"]["id"])


def events(visit: Office, kind: str) -> list[str]:
    """Return what the society's events of one type are about, oldest first."""
    made = visit.world.sandbox.control("events", {"account": society(visit), "type": kind})
    return [event["data"]["object"]["id"] for event in made["events"]]


def bring_statement(visit: Office) -> httpx.Response:
    made = visit.world.sandbox.control("bank-statement", {"account": society(visit), "format": "camt.053"})
    file = ("may.xml", str(made["content"]).encode(), "text/xml")
    return visit.browser.post("/staff/statements", data={"account": "society-current"}, files={"file": file})


def test_the_story_stands_there_and_its_total_is_rebuilt(visit: Office, tmp_path: Path) -> None:
    total = appeal(visit)
    assert total["stage"] == "collected"
    assert total["stages"]["received"]["amount_minor"] == 17_604_470
    assert {line["currency"] for line in total["lines"]} == {"GBP", "CAD", "USD", "EUR", "CHF", "SEK"}
    (tmp_path / "total.json").write_text(json.dumps(total))
    rebuilt = subprocess.run([sys.executable, SCRIPT, tmp_path / "total.json"], check=False, capture_output=True)
    assert rebuilt.returncode == 0, rebuilt.stdout
    page = visit.open("/a/chechnya-2017").text
    assert "An organisation in Sweden" not in page
    assert "Demonstration data" in page
    partner = visit.open("/staff/partners/coc-nederland").text
    assert "no rate yet" not in partner
    assert "US$24," in partner
    assert is_green(visit)


def test_every_stop_of_the_tour_opens(visit: Office) -> None:
    tour = visit.open("/tour").text
    main = tour[tour.index("<main") : tour.index("</main>")]
    stops = {address for address in re.findall(r'href="([^"]+)"', main) if address.startswith("/")}
    assert {"/c/walk-for-chechnya", "/a/chechnya-2017", "/staff/partners", RECONCILIATION} <= stops
    for address in stops:
        visit.open(address)


def test_a_gift_moves_both_totals(visit: Office) -> None:
    before, campaign_before = appeal(visit)["amount_minor"], visit.world.total_minor("walk-for-chechnya")
    visit.world.paid_gift("25", "walk-for-chechnya")
    work(visit, "convert")
    assert visit.world.total_minor("walk-for-chechnya") - campaign_before == 2500
    assert appeal(visit)["amount_minor"] > before


def test_a_payout_meets_its_bank_line(visit: Office) -> None:
    days_later(visit, 5)
    sent = bring_statement(visit)
    kept = visit.press(sent.headers["location"], "/keep")
    assert "No match" not in kept.text
    again = bring_statement(visit)
    assert "imported before" in visit.open(again.headers["location"]).text
    work(visit, "reconcile")
    assert is_green(visit)


def test_tomorrows_run_keeps_the_light_green_by_itself(visit: Office) -> None:
    before = visit.world.now()
    days_later(visit)
    work(visit, "reconcile")
    assert visit.world.now() - before >= timedelta(days=1)
    assert is_green(visit)


def test_a_partners_figure_that_holds_our_own_transfer_counts_once(visit: Office) -> None:
    before = appeal(visit)["amount_minor"]
    page = visit.open("/staff/partners").text
    report = re.search(r'href="(/staff/reports/\d+)"[^>]*>Enough is Enough reports', page)
    assert report
    visit.press(report[1], "/accept")
    total = appeal(visit)
    lines = [each for each in total["lines"] if each["participant"] == "Enough is Enough"]
    assert sum(line["amount_minor"] for line in lines) == 2_490_000
    assert sum(line["less_transfers_minor"] for line in lines) == 29_640
    assert before < total["amount_minor"]


def test_a_refund_that_nobody_told_us_of_is_found_named_and_booked(visit: Office) -> None:
    world = visit.world
    world.paid_gift("40", "walk-for-chechnya")
    before = world.total_minor("walk-for-chechnya")
    charge = events(visit, "charge.succeeded")[-1]
    world.sandbox.control("deliveries", {"drop_rate": 1})
    world.sandbox.control("refund", {"account": society(visit), "charge": charge})
    world.settle()
    assert world.total_minor("walk-for-chechnya") == before
    work(visit, "reconcile")
    world.sandbox.control("deliveries", {"drop_rate": 0})
    assert world.total_minor("walk-for-chechnya") == before - 4000
    assert "Refund" in visit.open(RECONCILIATION).text


def test_a_payout_that_failed_after_it_was_paid_is_named_and_explained(visit: Office) -> None:
    world = visit.world
    world.sandbox.control("payout-fail", {"account": society(visit), "payout": events(visit, "payout.paid")[-1]})
    world.settle()
    work(visit, "reconcile")
    assert not is_green(visit)
    page = visit.open(RECONCILIATION).text
    found = set(re.findall(r'href="(/staff/differences/\d+)"', page))
    assert "Payout that failed after it was paid" in page
    for address in found:
        if "Open" in visit.open(address).text:
            visit.press(address, "/explain", note="The bank details were put right at Stripe.")
    work(visit, "reconcile")
    assert is_green(visit)
