"""What every page knows about the installation it belongs to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalBody:
    """An organisation as its regulator knows it, for footers and receipts.

    Fields:
        name: legal name, "Rainbow Shelter (Oxford)".
        number: registration in words, "Registered charity 1234567"; "" where there is none.
        regulator: who registers it, "Charity Commission for England and Wales"; "" where there is none.
        address: postal address on one line; "" where none is published.
        email: where a donor writes about a gift; "" where none is published.
        refunds: what it says about giving gifts back; "" where it says nothing. Shown where that is the matter.
    """

    name: str
    number: str = ""
    regulator: str = ""
    address: str = ""
    email: str = ""
    refunds: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The variable `site` of every template.

    Fields:
        name: the installation's name as donors know it, "Oxford Gives".
        base_url: absolute address from the settings, without a slash at its end; used in mail and on paper only.
        operator: who runs the installation, for the footer of every page.
        static_version: short text that changes with each release; ends the addresses of stylesheets and modules.
        year: the current year, "2026".
        is_demo: the data are for demonstration; every page says that no real money moves.
        lang: language of the pages, as in HTML's `lang`.
        text_direction: "ltr" or "rtl", as in HTML's `dir`.
        help_href: the page about refunds and contact.
        privacy_href: the page about personal data.
    """

    name: str
    base_url: str
    operator: LegalBody
    static_version: str
    year: str
    is_demo: bool = False
    lang: str = "en"
    text_direction: str = "ltr"
    help_href: str = "/help"
    privacy_href: str = "/privacy"
