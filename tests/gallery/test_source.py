"""Every page of the gallery, as source: it draws, and it keeps the rules that need no browser to see."""

import re

import pytest
from jinja2 import UndefinedError

from .page_facts import PageFacts
from .sample import ENVIRONMENT, SITE, STATIC, TEMPLATES, Sample
from .samples import FRAGMENT, MAILS, PAGES
from .samples_campaign import TYPICAL

CAMPAIGN_BYTES_MAX = 45_000
PAGE_BYTES_MAX = 250_000
BROKEN = """<html><head><style>p{}</style><script>1</script><script src="https://cdn.example/x.js"></script></head><body>
<p style="color:red" onclick="x()" id="a">Anonymous</p><p id="a">exactly once</p><img src="//cdn.example/x.png">
<label for="nowhere">x</label><input name="bare"><a href="#gone">x</a></body></html>"""


@pytest.mark.parametrize("sample", PAGES, ids=lambda sample: sample.name)
def test_page_keeps_the_rules(sample: Sample):
    html = sample.draw()
    assert PageFacts(html).faults() == []
    assert len(html.encode()) < PAGE_BYTES_MAX


def test_the_rules_find_what_is_broken():
    faults = " / ".join(PageFacts(BROKEN).faults())
    for expected in (
        "inline style in <style>",
        "inline style in <p>",
        "inline script",
        "inline handler onclick",
        "<script> loads from elsewhere",
        "<img> loads from elsewhere",
        "a picture without alt text",
        "0 first-level headings",
        "0 main parts",
        "no title",
        "id a stands 2 times",
        "for points at nowhere",
        "href points at gone",
        "<input name=bare> has no label",
        "the word 'Anonym'",
        "the word 'exactly once'",
    ):
        assert expected in faults


def test_a_name_that_is_missing_stops_the_page():
    with pytest.raises(UndefinedError):
        ENVIRONMENT.get_template("public/campaign.html").render(page=object(), site=SITE)


def test_a_campaign_page_is_light_with_everything_it_loads():
    html = Sample(name="campaign", template="public/campaign.html", page=TYPICAL).draw()
    loaded = set(re.findall(r'(?:href|src)="/static/([^"?]+)', html))
    assert {"site.css", "parts.css", "public.css", "amount.js"} <= loaded
    assert len(html.encode()) + sum((STATIC / name).stat().st_size for name in loaded) < CAMPAIGN_BYTES_MAX


def test_the_fragment_is_the_same_words_as_on_the_page():
    fragment = re.sub(r"\s+", " ", FRAGMENT.draw()).strip()
    page = re.sub(r"\s+", " ", Sample(name="x", template="public/campaign.html", page=TYPICAL).draw())
    assert fragment in page


@pytest.mark.parametrize(("name", "page"), MAILS, ids=lambda value: value if isinstance(value, str) else "")
def test_mail_draws_in_three_parts(name: str, page: object):
    subject, text, html = (
        ENVIRONMENT.get_template(f"mail/{name}{ending}").render(page=page, site=SITE)
        for ending in ("_subject.txt", ".txt", ".html")
    )
    assert "\n" not in subject.strip()
    assert "&" not in text
    assert "\n\n\n" not in text
    assert not re.search(r'(?:src|url\()\s*=?\s*"?https?:', html)
    assert "https://give.example.org/d/tok" in text
    assert "https://give.example.org/d/tok" in html


def test_a_discreet_subject_names_nobody():
    discreet = MAILS[1][1]
    subject = ENVIRONMENT.get_template("mail/receipt_subject.txt").render(page=discreet, site=SITE)
    assert subject.strip() == "Your receipt R-2026-000123"


def test_every_page_template_is_in_the_gallery():
    """Every one that a browser shows; what is drawn straight into a PDF is another kind of paper."""
    drawn = {sample.template for sample in PAGES}
    pages = {
        str(path.relative_to(TEMPLATES))
        for folder in ("public", "staff", "errors")
        for path in (TEMPLATES / folder).glob("*.html")
        if not path.name.startswith("_") and not path.name.endswith("_pdf.html")
    }
    assert pages - drawn == set()


def test_static_files_load_nothing_from_elsewhere():
    for path in STATIC.iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|@import|url\(", text), path.name
