"""Letters as files in a folder, for the demo and for trying things out: nothing leaves the machine."""

import os
import re
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fundraise import faults
from fundraise.parts import MailFailed


class FolderMailer:
    """Writes each letter as an `.eml` file named by its Message-ID, so that a letter sent again is one file."""

    def __init__(self, url: str) -> None:
        self._folder = Path(unquote(urlsplit(url).path))

    def send(self, message: EmailMessage) -> None:
        """Write the letter; raises `MailFailed`."""
        name = re.sub(r"[^A-Za-z0-9.@_-]", "_", message["Message-ID"].strip("<>")) + ".eml"
        try:
            with faults.around("mail: keep"):
                self._folder.mkdir(parents=True, exist_ok=True)
                partial = self._folder / f".{name}.{os.getpid()}"
                partial.write_bytes(message.as_bytes())
                partial.rename(self._folder / name)
        except OSError as problem:
            raise MailFailed(f"the folder took no letter: {problem.strerror}") from problem
