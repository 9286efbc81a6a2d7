"""The table of protections: what holds, the switch that takes it away, and the test that then fails."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from unittest.mock import patch

from fundraise import engines, job_runs
from fundraise.donations import rules as donations
from fundraise.donations.rules import Wish
from fundraise.donations.tables import DonationState
from fundraise.flows import (
    begin_gift,
    catch_up,
    give,
    hear,
    quarantine,
    question_accepted,
    question_report,
    receive_report,
    settle,
    settle_returns,
    sweep,
)
from fundraise.flows.add_partner import new_key
from fundraise.flows.reconcile import story as reconcile_story
from fundraise.gateways.stripe import client, notices
from fundraise.ledger import post
from fundraise.web import guard
from tests.doors import test_giving_again, test_giving_form, test_giving_who, test_webhook, test_webhook_database
from tests.doors import test_webhook_effects as effects
from tests.partners import test_doubts, test_questions, test_report_door
from tests.partners.fellowship import STAFF, Fellowship
from tests.protections import stories, switches
from tests.protections.switches import Switch, always, bug, replaced, without_key
from tests.soak import bugs
from tests.staff.money import test_past_runs
from tests.staff.money.desk import Desk
from tests.stories import test_missed_news, test_opening_the_page
from tests.world import World

SQLITE: Final = ("sqlite",)
POSTGRESQL: Final = ("postgresql",)
BOTH: Final = (*SQLITE, *POSTGRESQL)
EVERY_MOVE: Final = {state: frozenset(DonationState) for state in DonationState}


@dataclass(frozen=True)
class Protection:
    """A row. `fails` is told in a world of its own: `town` says which, and `databases` where the protection lies."""

    what: str
    switch: Switch
    fails: Callable[[World], Any]
    databases: Sequence[str] = SQLITE
    town: str = "shelter"


def compared(code: str) -> Callable[[World], None]:
    """Return the test in which something that was paid differs from what was asked."""
    differ = next(differ for differ, named in effects.DIFFERENT if named == code)
    return lambda world: effects.goes_to_a_person(world, differ, code)


def never_said_to_be_safe(world: World) -> None:
    test_webhook_database.is_never_said_to_be_safe(world, test_webhook_database.AWAY["broken"])


def forged(how: str) -> Callable[[World], None]:
    return lambda world: test_webhook.forged_is_refused(world, how)


def not_kept(what: str) -> Callable[[World], None]:
    return lambda world: test_webhook.none_of_ours_is_not_kept(world, what)


def of_content_alone(_campaign_id: int, wish: Wish) -> str:
    return repr(wish)[:20]


def noted_blindly(*noted: Any, _note: Callable[..., bool] = give._note_page) -> bool:
    return _note(*noted) or True


def every_part(charges: Any, _newest: Any) -> Any:
    return charges


def over_once_let_go_of(written: Any) -> bool:
    return written.state in begin_gift._OVER or (written.is_superseded and written.state not in begin_gift._SETTLED)


def first_account(endpoint: Any, *_: Any) -> Any:
    return endpoint.accounts[0]


def death_in_the_call(world: World) -> None:
    death = "stripe: open checkout: after"
    test_opening_the_page.test_a_death_at_any_point_leaves_one_gift_and_one_page(world, death)


def late_repeat(world: World) -> None:
    test_opening_the_page.test_a_page_whose_answer_was_lost_is_found_by_our_reference(world, 10)


def few_gifts_an_hour(world: World) -> None:
    with patch.dict(world.settings.__dict__, gifts_per_address_per_hour=5):
        test_giving_who.posts_are_limited(world, 8)


def at_a_desk(world: World) -> Desk:
    desk = Desk(world, world.donor)
    desk.sign_in()
    return desk


def program_gone_wild(world: World) -> None:
    fellowship = Fellowship(world)
    fellowship.partner("coc")
    door = test_report_door.Door(fellowship, new_key(world.parts, "coc", by=STAFF))
    test_report_door.a_program_gone_wild_is_stopped(door)


def no_look_up(world: World) -> Any:
    return patch.object(world.parts.payments, "find_checkout", always(None))


# fmt: off
TABLE: Final[Sequence[Protection]] = (
    # News
    Protection("a notice is kept once: the key of the inbox", without_key("inbox_notice", "account, event_id"),
               effects.a_hundred_copies_are_one, BOTH),
    Protection("an entry is booked once: the key of the ledger", bug(bugs.no_dedupe_key),
               effects.test_another_id_about_the_same_object_counts_nothing_twice, BOTH),
    Protection("a gift's state goes forward: the map of states", replaced(donations, "MOVES", EVERY_MOVE),
               stories.nothing_leaves_paid),
    Protection("a refund's state goes forward", replaced(settle_returns, "REFUND_GOES", {}),
               stories.an_older_look_says_nothing_new),
    Protection("a notice is answered once it is kept", bug(bugs.acknowledged_before_the_commit),
               never_said_to_be_safe),
    Protection("a notice that no database takes is refused alone", replaced(notices, "_NAME", re.compile("(?s).*")),
               effects.a_bad_one_takes_none_along, BOTH),
    Protection("an id in news is one of Stripe's", replaced(client, "_checked", str), effects.odd_ids_ask_nothing),
    Protection("signatures are checked", replaced(notices.WebhookSignature, "verify_header", always(True)),
               forged("another secret"), town="street"),
    Protection("signatures are of now: none is old", replaced(notices, "_require_recent", always(None)),
               forged("five minutes and a second old"), town="street"),
    Protection("signatures are of now: none is of the future", replaced(notices, "_require_recent", always(None)),
               forged("five minutes and a second ahead"), town="street"),
    Protection("a notice is of the account's mode", bug(bugs.livemode_ignored),
               not_kept("a live event on a test account"), town="street"),
    Protection("a notice is of the account it is sent for", replaced(hear, "_account_named", first_account),
               not_kept("another account's event"), town="street"),
    Protection("missed news is heard by the list of events", replaced(catch_up, "keep", always(0)),
               test_missed_news.test_a_day_without_one_webhook_is_caught_up_by_the_list_of_events),
    Protection("stale gifts are asked about: the sweeper", replaced(sweep, "sync_gift", always(None)),
               test_missed_news.test_the_sweeper_finds_a_gift_whose_news_never_came),
    # What was paid is what was asked; the rest is quarantined
    *(Protection(f"what was paid is compared with what was asked: {code}", replaced(settle, "mismatch", always(None)),
                 compared(code)) for _, code in effects.DIFFERENT),
    Protection("a gift is paid once: DUPLICATE_DONATION", replaced(quarantine, "paid_otherwise", always(False)),
               stories.a_second_charge_goes_to_a_person, BOTH),
    # Opening a payment page
    Protection("one form is one gift: the form's token and content", replaced(begin_gift, "_digest", switches.other),
               test_giving_again.one_gift_of_many_clicks),
    Protection("a form is its campaign's: the campaign in its key", replaced(begin_gift, "_digest", of_content_alone),
               test_giving_again.each_campaign_has_its_own_gift, BOTH),
    Protection("a repeated call has one key: the idempotency key", bug(bugs.no_key_on_retry), death_in_the_call),
    Protection("a late repeat looks the page up", no_look_up,
               late_repeat),
    Protection("a form with other content closes the page before", replaced(give, "_close_superseded", always(None)),
               test_giving_again.first_page_closes),
    Protection("what was let go of is looked at before it is asked for again",
               replaced(begin_gift._Written, "is_over", property(over_once_let_go_of)),
               test_giving_again.what_was_let_go_of_is_paid_once, BOTH),
    Protection("of what one form asks for at once one page stays: the rows let go of",
               replaced(begin_gift, "_supersede", always(())),
               test_giving_again.one_page_stays_of_contents_at_once, BOTH),
    Protection("a page that is opened too late closes again: told by the row",
               replaced(give, "_note_page", noted_blindly), test_giving_again.overtaken_page_closes, BOTH),
    Protection("a shared gift asks only for parts that are not paid", replaced(begin_gift, "_missing", every_part),
               test_giving_again.asks_only_for_what_is_not_paid, BOTH, town="empty"),
    # Databases
    Protection("one writer at a time: BEGIN IMMEDIATE behind one lock", switches.one_writer_among_many,
               stories.raced_changes_are_all_kept),
    Protection("entries are booked one after the other: the posting lock",
               replaced(post, "_one_after_the_other", always(None)), stories.a_named_total_never_changes, POSTGRESQL),
    Protection("no statement drops the ledger or unlocks it: the authorizer",
               replaced(engines, "_authorize", always(0)), stories.the_ledger_is_only_added_to, town="empty"),
    Protection("receipt numbers have no gaps: the counter commits with the gift",
               replaced(settle, "issue_receipt", switches.number_drawn_alone),
               stories.a_death_leaves_no_gap_between_receipts, POSTGRESQL),
    Protection("every paid gift has the next number: issued as it is paid",
               replaced(settle, "issue_receipt", always(None)), stories.receipts_are_numbered_one_by_one),
    Protection("a letter is written once for what it is about: the key of the outbox", without_key("letter", "key"),
               stories.one_letter_for_one_thing, BOTH),
    # Jobs
    Protection("a slot is one worker's: the lease", replaced(job_runs, "_may_retake", always(True)),
               stories.a_slot_is_one_workers, BOTH),
    Protection("who lost the slot commits nothing: the fence", replaced(job_runs, "hold", always(None)),
               stories.who_lost_the_slot_can_change_nothing, BOTH),
    # Doors
    Protection("forms come from our own pages", replaced(guard.Guard, "_comes_from_here", always(True)),
               test_giving_who.every_changing_door_is_shut_to_other_sites),
    Protection("a form has a length", replaced(guard, "_limit", always(10**9)),
               test_giving_form.is_counted_while_it_comes, town="street"),
    Protection("a notice has a length", replaced(guard, "_limit", always(10**9)),
               test_webhook.test_too_much_is_refused_before_it_is_read, town="street"),
    Protection("one address begins so many gifts an hour", replaced(begin_gift, "_require_not_too_many", always(None)),
               few_gifts_an_hour),
    Protection("a staff link lets one in", switches.links_that_open_again, stories.a_link_lets_one_in, BOTH),
    # Combined totals and reconciliation
    Protection("a partner's figure that the transfers to it contradict is asked about",
               replaced(question_accepted, "_doubt", always(None)),
               test_doubts.more_passed_on_than_reported_is_asked_about, BOTH),
    Protection("a first figure that is large is asked about", replaced(question_report, "_is_large", always(False)),
               test_questions.first_figures_are_asked_about, BOTH),
    Protection("a figure of a day long ago is asked about", replaced(question_report, "_OLD", timedelta(days=10**5)),
               test_questions.first_figures_are_asked_about, BOTH),
    Protection("a past run says what it said", replaced(reconcile_story, "_record_open", always(None)),
               lambda world: test_past_runs.past_runs_stay(at_a_desk(world)), BOTH),
    Protection("so many figures of a partner wait, and no more", replaced(receive_report, "MOST_OPEN", 10**9),
               program_gone_wild),
)
# fmt: on

# Protections whose control stands beside their tests.
BESIDE: Final[dict[str, str]] = {
    "rows of the ledger are not changed: triggers on SQLite":
        "floor/test_db.py::test_control_without_its_trigger_a_row_of_sqlites_ledger_is_changed",
    "rows of the ledger are not changed: triggers and grants on PostgreSQL":
        "floor/test_db.py::test_control_without_its_grants_the_trigger_still_holds_on_postgresql",
    "every commit and call has a named fault point":
        "floor/test_fault_points.py::test_control_what_is_not_named_is_seen",
    "a late repeat looks the page up":
        "stories/test_opening_the_page.py::test_control_without_the_look_up_a_late_repeat_opens_a_second_page",
    "a repeated call has one key":
        "stories/test_opening_the_page.py::test_control_without_its_own_key_a_repeat_opens_a_second_page",
    "one form is one gift":
        "stories/test_opening_the_page.py::test_control_without_the_forms_key_eight_clicks_make_more",
    "news missed for a month is heard by the balance":
        "stories/test_missed_news.py::test_control_without_looking_at_the_balance_a_month_is_lost",
    "nothing is taken on books that do not balance":
        "stories/test_money_doors.py::test_control_without_the_doors_a_gift_is_taken_on_broken_books",
    "a letter is sent by one at a time: the claim of the outbox":
        "gateways/test_smtp.py::test_control_without_its_claim_two_senders_post_one_letter_twice",
    "a line of a bank statement is itself, also among equals":
        "statements/test_import.py::test_control_without_the_number_among_equals_a_twin_is_lost",
    "a statement is of the account it is for":
        "statements/test_import.py::test_control_without_the_question_another_accounts_file_comes_in",
    "a spreadsheet that breaks off is none":
        "reconciliation/test_export_breaks_off.py::test_control_without_it_half_a_workbook_looks_whole",
    "a hostile file has no time without end":
        "statements/test_hostile_files.py::test_control_without_the_limit_it_could",
    "a hostile file writes nowhere":
        "statements/test_hostile_files.py::test_control_without_the_limit_it_could_write",
    "one payout and one line match once":
        "statements/test_races.py::test_control_without_the_unique_keys_both_match",
    "two at once cannot pass a limit: they wait for each other":
        "flows/test_races.py::test_control_without_waiting_for_each_other_more_gifts_begin_than_may",
    "one report of a partner counts: its key":
        "partners/test_races.py::test_control_without_the_key_they_can_and_the_check_finds_it",
    "a difference is resolved as it was shown":
        "staff/money/test_quarantine.py::"
        "test_control_without_the_second_look_at_both_sides_another_difference_would_slip_in",
    "no cell of an export is a formula":
        "staff/money/test_payouts_and_export.py::test_control_without_the_neutral_sign_a_formula_would_be_one",
    "a match is made only where there is one of each":
        "statements/test_single_faults.py::test_control_without_the_ruling_on_what_is_alone_a_wrong_match_is_made",
    "a payout that no line shows gets its name":
        "statements/test_single_faults.py::test_control_without_its_question_a_payout_that_no_line_shows_goes_unnamed",
    "what a payout is made of is asked again until it comes to it":
        "reconciliation/test_batches.py::test_control_without_asking_again_the_row_stays_missed",
    "what is settled while a run compares is no difference":
        "reconciliation/test_while_gifts_go_on.py::"
        "test_control_without_the_last_row_a_gift_settled_meanwhile_is_taken_for_a_difference",
    "what an account held before it was connected is its opening, and no movement":
        "reconciliation/test_history.py::"
        "test_control_where_all_that_ever_moved_is_counted_old_payments_are_differences",
    **dict.fromkeys(
        (
            "what one participant passed to another is never new money",
            "a partner's figure replaces the one before it",
            "only what was accepted counts",
            "what is held for a question waits for the answer, or for a reason",
            "what was converted once stays as it was converted",
        ),
        "partners/test_lives.py::test_control_with_a_bug_put_in_some_life_goes_wrong",
    ),
}  # fmt: skip
