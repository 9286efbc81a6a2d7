"""Take pictures of the gallery for looking at: `python -m tests.gallery.shoot [part of a name …]`.

Each page at 360, 768 and 1280 pixels, light and dark, as a whole page, into `tests/browser/screenshots/`.
"""

import sys

from tests.chromium import browsing

from .sample import ROOT
from .samples import PAGES
from .server import serving

FOLDER = ROOT / "tests" / "browser" / "screenshots"
WIDTHS = (360, 768, 1280)
SCHEMES = ("light", "dark")


def shoot(wanted: list[str], widths: tuple[int, ...] = WIDTHS, schemes: tuple[str, ...] = SCHEMES) -> None:
    """Photograph every sample whose name contains one of `wanted`; all when it is empty."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    chosen = [sample for sample in PAGES if not wanted or any(word in sample.name for word in wanted)]
    with serving() as address, browsing() as browser:
        for scheme in schemes:
            for width in widths:
                page = browser.new_page(viewport={"width": width, "height": 740}, color_scheme=scheme)
                for sample in chosen:
                    page.goto(f"{address}/{sample.name}")
                    page.screenshot(path=FOLDER / f"{sample.name}-{width}-{scheme}.png", full_page=True)
                page.close()


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if not word.isdigit()]
    chosen_widths = tuple(int(word) for word in sys.argv[1:] if word.isdigit()) or WIDTHS
    chosen_schemes = tuple(word for word in words if word in SCHEMES) or SCHEMES
    shoot([word for word in words if word not in SCHEMES], chosen_widths, chosen_schemes)
