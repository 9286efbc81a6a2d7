"""The state of the sandbox: the world with its accounts, and each account with its objects and balances."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any, Protocol

from fundraise.sandbox import ids
from fundraise.sandbox.clock import Clock
from fundraise.sandbox.faults import Faults
from fundraise.sandbox.idempotency import Answers
from fundraise.sandbox.messages import ApiReply, ApiRequest, Obj
from fundraise.sandbox.money import Rates, Tariff
from fundraise.sandbox.post import Post
from fundraise.sandbox.tables import Table
from fundraise.sandbox.timeline import Timeline

_TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "charges": ("charge", ("payment_intent", "customer")),
    "payment_intents": ("payment_intent", ("customer",)),
    "setup_intents": ("setup_intent", ("customer", "payment_method")),
    "balance_transactions": ("balance transaction", ("source", "type", "_payout")),
    "payouts": ("payout", ()),
    "refunds": ("refund", ("charge", "payment_intent")),
    "disputes": ("dispute", ("charge", "payment_intent")),
    "sessions": ("checkout.session", ("payment_intent", "customer", "subscription")),
    "customers": ("customer", ("email",)),
    "payment_methods": ("PaymentMethod", ("customer",)),
    "mandates": ("mandate", ()),
    "products": ("product", ()),
    "prices": ("price", ("product",)),
    "subscriptions": ("subscription", ("customer",)),
    "invoices": ("invoice", ("customer", "_subscription")),
    "invoice_payments": ("invoice_payment", ("invoice",)),
    "portal_sessions": ("billing portal session", ()),
    "early_fraud_warnings": ("early fraud warning", ("charge", "payment_intent")),
    "report_runs": ("report run", ()),
    "files": ("file", ()),
    "account_links": ("account link", ()),
    "webhook_endpoints": ("webhook endpoint", ()),
    "events": ("event", ("type",)),
}

_PREFIXES = {
    "ch_": "charges", "py_": "charges", "pi_": "payment_intents",
    "seti_": "setup_intents", "txn_": "balance_transactions", "po_": "payouts",
    "re_": "refunds", "pyr_": "refunds", "du_": "disputes", "cs_": "sessions", "cus_": "customers",
    "pm_": "payment_methods", "mandate_": "mandates", "prod_": "products", "price_": "prices",
    "sub_": "subscriptions", "in_": "invoices", "inpay_": "invoice_payments", "bps_": "portal_sessions",
    "alink_": "account_links", "frr_": "report_runs", "file_": "files",
    "issfr_": "early_fraud_warnings", "we_": "webhook_endpoints", "evt_": "events",
}  # fmt: skip


@dataclass(slots=True)
class Terms:
    """How one account trades; everything the control plane may set about it.

    Currencies are lower-case codes; `delay_days` is how long money stays pending; `settle_seconds` the range in which
    a charge's balance transaction follows it; `payouts` is "daily" or "manual"; with `refunds_wait` a refund takes from
    what is available and waits where that is too little.
    """

    business_name: str = "Sample Charity"
    country: str = "GB"
    default_currency: str = "gbp"
    settlement_currencies: list[str] = field(default_factory=list)
    statement_prefix: str = "SAMPLE"
    delay_days: int = 3
    payouts: str = "daily"
    refunds_wait: bool = False
    settle_seconds: list[int] = field(default_factory=lambda: [2, 5])
    methods: list[str] = field(default_factory=lambda: ["card", "bank_debit"])
    tariff: Tariff = field(default_factory=Tariff)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Terms:
        """Build from JSON data. Raises TypeError for a name that is no term."""
        return cls(**{**data, "tariff": Tariff(**data.get("tariff", {}))})


def own_profile() -> Obj:
    """Return what an account has told of itself that needs no onboarding."""
    return {
        "business_profile": {},
        "business_type": "non_profit",
        "controller": {"type": "account"},
        "details_submitted": True,
        "email": None,
        "metadata": {},
        "type": "standard",
    }


class Account:
    """One Stripe account: its terms, its objects, and what it holds per currency."""

    def __init__(self, world: World, account_id: str, created: int, terms: Terms, platform: str | None) -> None:
        self.world = world
        self.id = account_id
        self.created = created
        self.terms = terms
        self.platform = platform
        self.profile = own_profile()
        self.tables = {name: Table(word, indexed) for name, (word, indexed) in _TABLES.items()}
        self.available: dict[str, int] = {}
        self.pending: dict[str, int] = {}
        self.unpaid: dict[str, list[str]] = {}
        self.maturing: dict[int, list[str]] = {}
        self.refunds_waiting: list[str] = []
        self.bank_lines: list[Obj] = []
        self.invoice_count = 0
        self.events_forgotten = 0

    def __getitem__(self, table: str) -> Table:
        return self.tables[table]

    def now(self) -> int:
        """Return the world's time."""
        return self.world.clock.now()

    def new_id(self, prefix: str) -> str:
        """Return a fresh id."""
        return ids.new_id(self.world.random, prefix)

    def plan(self, due: int, name: str, **details: Any) -> None:
        """Plan a timeline action of this account."""
        self.world.timeline.plan(due, name, account=self.id, **details)

    def find(self, object_id: str) -> Obj | None:
        """Return any object of this account by its id, or None."""
        table = _PREFIXES.get(object_id[: object_id.find("_") + 1])
        return self.tables[table].find(object_id) if table else None

    def settles(self) -> list[str]:
        """Return the currencies this account holds balances in, its own first."""
        return [self.terms.default_currency, *self.terms.settlement_currencies]

    def to_json(self) -> Obj:
        """Return the state as JSON-able data."""
        return {
            "id": self.id,
            "created": self.created,
            "platform": self.platform,
            "terms": asdict(self.terms),
            "profile": self.profile,
            "tables": {name: table.rows for name, table in self.tables.items()},
            "available": self.available,
            "pending": self.pending,
            "unpaid": self.unpaid,
            "maturing": [[moment, rows] for moment, rows in self.maturing.items()],
            "refunds_waiting": self.refunds_waiting,
            "bank_lines": self.bank_lines,
            "invoice_count": self.invoice_count,
            "events_forgotten": self.events_forgotten,
        }

    @classmethod
    def from_json(cls, world: World, data: Obj) -> Account:
        """Build from what `to_json` gave."""
        account = cls(world, data["id"], data["created"], Terms.from_json(data["terms"]), data["platform"])
        for name, rows in data["tables"].items():
            account.tables[name].load(rows)
        account.profile = data.get("profile", account.profile)
        account.available = data["available"]
        account.pending = data["pending"]
        account.unpaid = data["unpaid"]
        account.maturing = dict(data["maturing"])
        account.refunds_waiting = data.get("refunds_waiting", [])
        account.bank_lines = data["bank_lines"]
        account.invoice_count = data["invoice_count"]
        account.events_forgotten = data["events_forgotten"]
        return account


class Observer(Protocol):
    """Told of every accepted call and of every event, so that tests can hold them against Stripe's spec."""

    def call(self, request: ApiRequest, reply: ApiReply) -> None:
        """Hear of a request that was accepted and of the reply it got."""
        ...

    def event(self, event: Obj) -> None:
        """Hear of an event that was made."""
        ...


@dataclass(slots=True)
class Current:
    """The API call under way, as events name it."""

    id: str | None = None
    idempotency_key: str | None = None


class World:
    """Everything there is. All changes happen under the engine's lock."""

    def __init__(self, clock: Clock, *, seed: int, base_url: str, observer: Observer | None) -> None:
        self.clock = clock
        self.random = Random(seed)  # noqa: S311  Ids of a sandbox are to be repeatable, not secret.
        self.base_url = base_url
        self.observer = observer
        self.accounts: dict[str, Account] = {}
        self.keys: dict[str, str] = {}
        self.timeline = Timeline()
        self.rates = Rates()
        self.post = Post()
        self.faults = Faults()
        self.answers = Answers()
        self.requests: deque[Obj] = deque(maxlen=5_000)
        self.current = Current()
        self.request_count = 0

    def owner(self, object_id: str) -> tuple[Account, Obj] | None:
        """Return the account that has the object, and the object."""
        for account in self.accounts.values():
            found = account.find(object_id)
            if found is not None:
                return account, found
        return None
