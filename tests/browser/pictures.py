"""Pictures of pages for looking at, taken where SCREENSHOTS is set: one takes longer than what a test looks at."""

import os
from pathlib import Path

from playwright.sync_api import Page

SCREENSHOTS = Path(__file__).parent / "screenshots"


def keep_picture(page: Page, name: str) -> None:
    """Keep the whole page as a picture of that name, if somebody wants pictures."""
    if os.environ.get("SCREENSHOTS"):
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
