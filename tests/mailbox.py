"""Where letters arrive in tests."""

from email.message import EmailMessage

from fundraise.parts import MailFailed


class Mailbox:
    """Takes letters, or refuses them when told to."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuses: list[MailFailed] = []

    def send(self, message: EmailMessage) -> None:
        if self.refuses:
            raise self.refuses.pop(0)
        self.letters.append(message)

    def text(self, place: int = -1) -> str:
        body = self.letters[place].get_body(("plain",))
        assert body is not None
        return str(body.get_content())
