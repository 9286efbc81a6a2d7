"""A sample: one template with one context, drawn as the product draws it."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from fundraise.rendering import environment
from fundraise.views.site import LegalBody, Site

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "fundraise" / "web" / "static"
ENVIRONMENT = environment()

OPERATOR = LegalBody(
    name="Oxford University Rainbow Society",
    number="Unincorporated student society",
    address="c/o Student Union, 4 Worcester Street, Oxford OX1 2BX",
    email="giving@rainbow-society.example",
)
SITE = Site(
    name="Oxford Gives",
    base_url="https://give.example.org",
    operator=OPERATOR,
    static_version="1",
    year="2026",
    is_demo=True,
)
LIVE_SITE = replace(SITE, is_demo=False)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A page in one mood.

    `name` is its address in the gallery and the name of its pictures. `is_long` marks a page that repeats the rows of
    another: it is drawn and measured, but not searched for barriers row by row.
    """

    name: str
    template: str
    page: object
    site: Site = field(default=SITE)
    is_long: bool = False

    def draw(self) -> str:
        return ENVIRONMENT.get_template(self.template).render(page=self.page, site=self.site)
