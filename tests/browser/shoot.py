"""Take pictures of the public pages for looking at: `python -m tests.browser.shoot [part of a name …]`.

Each state at 360, 768 and 1280 pixels, light and dark, and at 360 with text twice as large; they are put into
`tests/browser/screenshots/`.
"""

import sys
import tempfile
from pathlib import Path

from tests.browser.pictures import SCREENSHOTS
from tests.browser.states import all_states
from tests.chromium import browsers

LARGE_TEXT = "--blink-settings=defaultFontSize=32"
LOOKS = [(width, scheme, 1) for width in (360, 768, 1280) for scheme in ("light", "dark")] + [(360, "light", 2)]


def shoot(wanted: list[str]) -> None:
    """Photograph every state whose name contains one of `wanted`; all when it is empty."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, all_states(Path(folder)) as states, browsers() as start:
        windows = {1: start(), 2: start(LARGE_TEXT)}
        for width, scheme, size in LOOKS:
            page = windows[size].new_page(viewport={"width": width, "height": 740}, color_scheme=scheme)
            for name, url in states.items():
                if not wanted or any(word in name for word in wanted):
                    page.goto(url)
                    large = "-large" if size > 1 else ""
                    page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}{large}.png", full_page=True)
            page.close()


if __name__ == "__main__":
    shoot(sys.argv[1:])
