"""Asking the publishers for new rates, and converting what waited for them."""

import logging
from collections import Counter
from datetime import date, timedelta
from typing import Final

from fundraise.flows.convert_waiting import convert_waiting
from fundraise.flows.import_rates import keep_rates, seed_rates
from fundraise.parts import Parts
from fundraise.published_rates import RatesNotFetched, RateSource
from fundraise.rates.questions import newest_day

# Older appeals than this bring their rates as a file.
SEEDED_FROM: Final = date(2014, 1, 1)
_BY: Final = "the timetable"
logger = logging.getLogger(__name__)


def fetch_rates(parts: Parts) -> Counter[str]:
    """Keep what came out since the last time; a publisher that does not answer is named, and the others are asked.

    The first time, the rates that were installed along are kept before anybody is asked.
    """
    done, unanswered = Counter[str](), list[str]()
    for source in RateSource:
        with parts.db.read() as session:
            newest = newest_day(session, source)
        if newest is None:
            seeded = seed_rates(parts, source, SEEDED_FROM, by=_BY)
            done["installed"] += seeded.new
            with parts.db.read() as session:
                newest = newest_day(session, source)
        today = parts.clock.now().date()
        try:
            # The last week once more: a publisher may correct a day.
            files = parts.rates.fetch(source, (newest or today) - timedelta(days=7), today)
        except RatesNotFetched as problem:
            unanswered.append(str(problem))
            continue
        done["fetched"] += keep_rates(parts, files, by=_BY).new
    done.update(convert_waiting(parts))
    if unanswered:
        raise RatesNotFetched(" ".join(unanswered))
    return +done


def convert(parts: Parts) -> Counter[str]:
    """Convert what waits and has a rate now, above all gifts here in other currencies than their appeal's."""
    return convert_waiting(parts)
