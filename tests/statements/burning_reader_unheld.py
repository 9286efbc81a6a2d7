"""The control of the burning reader: nothing holds it."""

from fundraise.gateways.bank import __main__ as process
from tests.statements import burning_reader

if __name__ == "__main__":
    process.hold = lambda: None
    burning_reader.main()
