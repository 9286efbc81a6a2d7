"""Published rates: every format as the publishers write it, and files that are none."""

from datetime import date

import httpx
import pytest

from fundraise.gateways.rates import web
from fundraise.gateways.rates.publishers import Publishers, read_file
from fundraise.money import is_currency
from fundraise.published_rates import RatesNotFetched, RateSource, RatesUnreadable

FRIDAY, THURSDAY, NOVEMBER = date(2026, 10, 30), date(2026, 10, 29), date(2026, 11, 1)
EUROFXREF_XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject>
<Cube><Cube time="2026-10-30"><Cube currency="USD" rate="1.1172"/><Cube currency="JPY" rate="175.68"/></Cube>
<Cube time="2026-10-29"><Cube currency="USD" rate="1.1200"/></Cube></Cube></gesmes:Envelope>"""
SDMX_COMPACT = b"""<?xml version="1.0"?><UtilityData><ns1:DataSet xmlns:ns1="urn:x">
<ns1:Series FREQ="D" CURRENCY="USD" CURRENCY_DENOM="EUR">
<ns1:Obs TIME_PERIOD="2026-10-30" OBS_VALUE="1.1172"/></ns1:Series>
<ns1:Series FREQ="D" CURRENCY="JPY" CURRENCY_DENOM="EUR">
<ns1:Obs TIME_PERIOD="2026-10-30" OBS_VALUE="175.68"/></ns1:Series>
<ns1:Series FREQ="D" CURRENCY="USD" CURRENCY_DENOM="GBP">
<ns1:Obs TIME_PERIOD="2026-10-30" OBS_VALUE="9.9"/></ns1:Series>
</ns1:DataSet></UtilityData>"""
SDMX_GENERIC = b"""<?xml version="1.0"?><message:GenericData xmlns:message="m" xmlns:generic="g"><message:DataSet>
<generic:Series><generic:SeriesKey><generic:Value id="FREQ" value="D"/><generic:Value id="CURRENCY" value="USD"/>
<generic:Value id="CURRENCY_DENOM" value="EUR"/></generic:SeriesKey>
<generic:Obs><generic:ObsDimension value="2026-10-30"/><generic:ObsValue value="1.1172"/></generic:Obs>
<generic:Obs><generic:ObsDimension value="2026-10-29"/><generic:ObsValue value="NaN"/></generic:Obs>
</generic:Series></message:DataSet></message:GenericData>"""
SDMX_CSV = b"""KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE
EXR.D.USD.EUR.SP00.A,D,USD,EUR,SP00,A,2026-10-30,1.1172
EXR.M.USD.EUR.SP00.A,M,USD,EUR,SP00,A,2026-10-30,1.9999
"""
HISTORY_CSV = b"Date,USD,JPY,CYP,\n2026-10-30,1.1172,175.68,N/A,\n2026-10-29,1.1200,,N/A,\n"
DAILY_CSV = b"Date, USD, JPY, \n30 October 2026, 1.1172, 175.68, \n"
HMRC_XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<exchangeRateMonthList Period="01/Nov/2026 to 30/Nov/2026">
<exchangeRate><countryName>Kenya</countryName><countryCode>KE</countryCode><currencyName>Shilling</currencyName>
<currencyCode>KES</currencyCode><rateNew>173.9540</rateNew></exchangeRate>
<exchangeRate><countryName>Eurozone</countryName><currencyCode>EUR</currencyCode><rateNew>1.1500</rateNew></exchangeRate>
</exchangeRateMonthList>"""
HMRC_CSV = (
    "Country/Territories,Currency,Currency Code,Currency Units per £1,Start Date,End Date\n"
    "Kenya,Shilling,KES,173.9540,01/11/2026,30/11/2026\nEurozone,Euro,EUR,1.1500,01/11/2026,30/11/2026\n"
).encode()


@pytest.mark.parametrize(
    ("raw", "source", "found"),
    [
        (EUROFXREF_XML, "ECB", {THURSDAY: {"USD": "1.1200"}, FRIDAY: {"USD": "1.1172", "JPY": "175.68"}}),
        (SDMX_COMPACT, "ECB", {FRIDAY: {"USD": "1.1172", "JPY": "175.68"}}),
        (SDMX_GENERIC, "ECB", {FRIDAY: {"USD": "1.1172"}}),
        (SDMX_CSV, "ECB", {FRIDAY: {"USD": "1.1172"}}),
        (HISTORY_CSV, "ECB", {THURSDAY: {"USD": "1.1200"}, FRIDAY: {"USD": "1.1172", "JPY": "175.68"}}),
        (b"\xef\xbb\xbf" + DAILY_CSV, "ECB", {FRIDAY: {"USD": "1.1172", "JPY": "175.68"}}),
        (HMRC_XML, "HMRC", {NOVEMBER: {"KES": "173.9540", "EUR": "1.1500"}}),
        (HMRC_CSV, "HMRC", {NOVEMBER: {"KES": "173.9540", "EUR": "1.1500"}}),
    ],
)
def test_every_published_format_is_read_digit_for_digit(raw: bytes, source: str, found: object) -> None:
    sheets = read_file("rates", raw).sheets
    assert {sheet.source for sheet in sheets} == {source}
    assert {sheet.effective_on: dict(sheet.rates) for sheet in sheets} == found


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xef\xbb\xbf \n",
        b"%PDF-1.7",
        b"PK\x03\x04\xff",
        b"\x00\x01",
        b"a,b\n1,2\n",
        b"<html><body>Not found</body></html>",
        b"<Cube><Cube time='2026-10-30'>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><Cube/>",
        b"<a>" * 1000,
        EUROFXREF_XML.replace(b"1.1172", b"-1"),
        EUROFXREF_XML.replace(b"1.1172", b"0.000"),
        EUROFXREF_XML.replace(b"1.1172", b"1e6"),
        EUROFXREF_XML.replace(b'"USD" rate="1.1172"', b'"$$$" rate="1"'),
        EUROFXREF_XML.replace(b"2026-10-30", b"2026-02-30"),
        EUROFXREF_XML.replace(b"2026-10-29", b"2026-10-30"),
        HMRC_XML.replace(b"01/Nov/2026 to 30/Nov/2026", b"15/Nov/2026 to 30/Nov/2026"),
        HMRC_XML.replace(b"30/Nov/2026", b"31/Dec/2026"),
        HISTORY_CSV.replace(b"2026-10-29,1.1200,,N/A,", b"2026-10-29"),
        b"Date,USD,\n" + b"x" * (4 * 1024 * 1024),
    ],
)
def test_what_is_no_rates_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(RatesUnreadable) as refused:
        read_file("rates.xml", raw)
    assert refused.value.field == "file"
    assert refused.value.message.endswith((".", "MB.", "CSV."))


def test_what_was_installed_along_is_what_was_published() -> None:
    ecb = Publishers().bundled(RateSource.ECB, date(2026, 10, 1))
    assert ecb.sheets[-1].rates["GBP"] == "0.8338"
    assert min(sheet.effective_on for sheet in ecb.sheets) >= date(2026, 10, 1)
    hmrc = Publishers().bundled(RateSource.HMRC, date(2026, 11, 15))
    assert [sheet.effective_on for sheet in hmrc.sheets] == [NOVEMBER]
    assert hmrc.sheets[0].rates["KES"] == "173.9540"
    assert all(is_currency(code) for sheet in [*ecb.sheets, *hmrc.sheets] for code in sheet.rates)
    april = Publishers().bundled(RateSource.ECB, date(2017, 4, 1)).sheets
    assert next(sheet.rates["USD"] for sheet in april if sheet.effective_on == date(2017, 4, 28)) == "1.093"


def asked(answers: dict[str, httpx.Response | Exception]) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        found = answers.get(str(request.url).rpartition("/")[2], httpx.Response(404))
        if isinstance(found, Exception):
            raise found
        return found

    return httpx.Client(transport=httpx.MockTransport(answer))


def test_publishers_are_asked_for_what_came_out_since() -> None:
    client = asked({"eurofxref-hist-90d.xml": httpx.Response(200, content=EUROFXREF_XML)})
    (file,) = web.fetch(RateSource.ECB, THURSDAY, FRIDAY, read_file, client=client)
    assert (file.name, len(file.sheets)) == ("eurofxref-hist-90d.xml", 2)
    client = asked({"monthly_xml_2026-11.xml": httpx.Response(200, content=HMRC_XML)})
    (month,) = web.fetch(RateSource.HMRC, date(2026, 10, 20), date(2026, 11, 2), read_file, client=client)
    assert month.sheets[0].effective_on == NOVEMBER


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"<html>maintenance</html>"),
        httpx.Response(200, content=HMRC_XML),
        httpx.Response(204),
        httpx.Response(301, headers={"location": "http://169.254.169.254/"}),
        httpx.Response(500),
        httpx.Response(200, content=b"x" * (5 * 1024 * 1024)),
        httpx.ConnectError("no route"),
        httpx.ReadTimeout("slow"),
    ],
)
def test_a_publisher_that_answers_something_else_is_named(answer: httpx.Response | Exception) -> None:
    client = asked({"eurofxref-hist-90d.xml": answer})
    with pytest.raises(RatesNotFetched, match="European Central Bank"):
        web.fetch(RateSource.ECB, THURSDAY, FRIDAY, read_file, client=client)
