"""Fixtures of the stories in a real browser: the town, one browser, and donors with a phone."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from tests.browser.donor import Donor
from tests.browser.town import Town, town
from tests.chromium import browsing
from tests.databases import fresh_postgresql, fresh_sqlite
from tests.gallery.looking import listening


@pytest.fixture(scope="package", params=["sqlite", "postgresql"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One town for all stories, each of which has a campaign of its own in it."""
    folder = tmp_path_factory.mktemp("town")
    database = fresh_sqlite(folder) if request.param == "sqlite" else fresh_postgresql()
    with database as settings, town(settings) as made:
        yield made


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with browsing() as made:
        yield made


Donors = Callable[..., Donor]


@pytest.fixture
def donors(here: Town, browser: Browser) -> Iterator[Donors]:
    """Make donors, each with a browser of their own; nobody's page may complain or ask a host that is not ours."""
    with ExitStack() as leaving:

        def make(**options: object) -> Donor:
            context = browser.new_context(
                **{"viewport": {"width": 360, "height": 740}, "reduced_motion": "reduce", **options}
            )
            leaving.callback(context.close)
            donor = Donor(here, context.new_page())
            leaving.callback(donor.has_asked_nobody_else)
            leaving.enter_context(listening(donor.page, unless="status of (402|410|422|503)"))
            return donor

        yield make


@pytest.fixture
def donor(donors: Donors) -> Donor:
    return donors()
