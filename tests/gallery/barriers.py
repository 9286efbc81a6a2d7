"""What keeps people out of a page, as axe-core sees it."""

from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

_NODES_SHOWN = 3


def barriers(page: Page, *, colours: Literal["too", "only", "not"] = "too") -> list[str]:
    """Return the violations on the page as it stands, one line each.

    Only contrast depends on the colour scheme, so the dark page may be asked about its colours alone. It takes as long
    as all the rest, and hardly depends on the size of the window.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options: dict[str, object] = {"resultTypes": ["violations"], "elementRef": False}
    if colours == "only":
        options["runOnly"] = ["color-contrast"]
    elif colours == "not":
        options["rules"] = {"color-contrast": {"enabled": False}}
    found = page.evaluate("options => axe.run(document, options).then(results => results.violations)", options)
    return [
        f"{violation['id']}: {violation['help']} {[node['target'] for node in violation['nodes'][:_NODES_SHOWN]]}"
        for violation in found
    ]
