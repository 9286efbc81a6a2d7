"""The commands of staff about partners, as they are typed; and the jobs of the timetable."""

import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest

from fundraise import cli
from fundraise.assembly import build_parts
from fundraise.gateways.rates.publishers import Publishers
from fundraise.jobs.timetable import job_named
from fundraise.parts import Parts
from fundraise.published_rates import PublishedFile, RatesNotFetched, RateSource
from fundraise.rates.questions import newest_day
from tests.gateways.test_rates import HMRC_CSV
from tests.partners.fellowship import Fellowship

pytestmark = pytest.mark.pages

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(
    fellowship: Fellowship, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Typed:
    """Type a command and return its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    for name in ("database_url", "secret_key", "stripe_api_base", "contact_email"):
        monkeypatch.setenv(f"FUNDRAISE_{name.upper()}", str(getattr(fellowship.world.settings, name)))

    def type_in(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["fundraise", *words])
        with pytest.raises(SystemExit) as end:
            cli.main()
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return type_in


def test_partners_links_keys_transfers_and_rates(typed: Typed, fellowship: Fellowship, tmp_path: Path) -> None:
    assert "No partner yet" in typed("partner", "list")[1]
    code, link, _ = typed(
        "partner", "add", "nairobi", "--appeal", "winter-appeal", "--name", "Nairobi Shelter", "--currency", "kes"
    )
    assert (code, link.startswith("http://127.0.0.1:8000/r/")) == (0, True)
    assert typed("report-link", "nairobi")[1] == link
    assert typed("partner", "list")[1] == "nairobi: Nairobi Shelter, winter-appeal, KES\n"
    assert fellowship.world.donor.get(link.strip()).status_code == 200
    renewed = typed("report-link", "nairobi", "--renew")[1]
    assert renewed != link
    assert fellowship.world.donor.get(link.strip()).status_code == 404
    assert typed("partner", "key", "nairobi")[1].startswith("fr_")
    words = ("transfer", "record", "--appeal", "winter-appeal", "--sender", "body:shelter", "--receiver")
    more = ("--amount", "2000", "--currency", "gbp", "--sent-on", "2026-11-10", "--reference", "OUR-1")
    code, receiver_link, _ = typed(*words, "partner:nairobi", *more, "--expected", "345,600.00")
    assert (code, fellowship.world.donor.get(receiver_link.strip()).status_code) == (0, 200)
    arrived = ("transfer", "arrived", "OUR-1", "--amount", "345,000.00", "--on", "2026-11-14", "--note", "by letter")
    assert typed(*arrived)[1] == "Recorded.\n"
    assert typed(*arrived)[1] == "That was said before.\n"
    assert "345,000.00" in fellowship.world.donor.get(receiver_link.strip()).text
    (tmp_path / "rates.csv").write_bytes(HMRC_CSV)
    assert typed("rates", "import", "rates.csv")[1] == "1 days or months, 1 new. Converted because of them: 0.\n"
    assert typed("rates", "import", "rates.csv")[1] == "1 days or months, 0 new. Converted because of them: 0.\n"
    code, out, _ = typed("rates", "seed", "--since", "2026-10-25")
    assert (code, out.splitlines()[0][:5], out.splitlines()[1][:6]) == (0, "ECB: ", "HMRC: ")
    assert typed("check")[0] == 0


REFUSED: list[tuple[tuple[str, ...], str]] = [
    (("partner", "add", "a", "--appeal", "nothing", "--name", "A", "--currency", "EUR"), "no appeal"),
    (("partner", "add", "A!", "--appeal", "winter-appeal", "--name", "A", "--currency", "EUR"), "small letters"),
    (("partner", "add", "a", "--appeal", "winter-appeal", "--name", "", "--currency", "EUR"), "partner’s name"),
    (("partner", "add", "a", "--appeal", "winter-appeal", "--name", "A", "--currency", "euros"), "no currency"),
    (("report-link", "nobody"), "no partner of this name"),
    (("partner", "key", "nobody"), "no partner of this name"),
    (("rates", "import", "nothing.xml"), "nothing.xml cannot be read"),
    (("rates", "seed", "--since", "soon"), "no day like"),
    (("transfer", "arrived", "NO-1", "--amount", "1", "--on", "2026-11-14"), "no transfer with this reference"),
]


def test_what_cannot_be_done_is_one_line_and_exit_code_2(typed: Typed) -> None:
    for words, said in REFUSED:
        code, out, err = typed(*words)
        assert (code, out, err.count("\n")) == (2, "", 1), words
        assert said in err, words


class OneAnswers(Publishers):
    """The ECB cannot be reached; HMRC answers."""

    def fetch(self, source: RateSource, _since: date, _today: date) -> Sequence[PublishedFile]:
        if source is RateSource.ECB:
            raise RatesNotFetched("European Central Bank cannot be reached: ConnectError.")
        return [self.read("monthly.csv", HMRC_CSV.replace(b"11/2026", b"12/2026").replace(b"30/12", b"31/12"))]

    def bundled(self, source: RateSource, since: date) -> PublishedFile:
        return super().bundled(source, max(since, date(2026, 10, 1)))


def test_the_timetable_keeps_what_it_gets_and_says_what_it_did_not(fellowship: Fellowship) -> None:
    settings = fellowship.world.settings
    parts: Parts = build_parts(settings, clock=fellowship.world.parts.clock, rates=OneAnswers())
    with pytest.raises(RatesNotFetched, match="European Central Bank cannot be reached"):
        job_named("rates").run(parts)
    with parts.db.read() as session:
        assert newest_day(session, RateSource.ECB) == date(2026, 10, 30)
        assert newest_day(session, RateSource.HMRC) == date(2026, 12, 1)
    parts.db.close()
    fellowship.partner("coc")
    fellowship.accepted("coc", "100.00", date(2026, 10, 30))
    assert fellowship.total_minor() == 8338
