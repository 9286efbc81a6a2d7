"""Every operation of the API that the sandbox has: method, path, parameters, handler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fundraise.sandbox.calls import Call, Page, Raw
from fundraise.sandbox.messages import Obj, StripeError
from fundraise.sandbox.objects import (
    account_links,
    accounts,
    catalogue,
    charges,
    checkout,
    checkout_shapes,
    customers,
    disputes,
    invoices,
    payment_intents,
    payout_calls,
    portal,
    reads,
    refunds,
    reports,
    setup_intents,
    subscriptions,
    webhook_endpoints,
)
from fundraise.sandbox.shapes import EXPAND, Nested

Handler = Callable[[Call], Obj | Page | Raw]
READ = Nested(EXPAND)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; `path` as Stripe's spec writes it, with `{names}` for ids."""

    method: str
    path: str
    shape: Nested
    handler: Handler


OPERATIONS = tuple(
    Operation(method, f"/v1/{path}", shape, handler)
    for method, path, shape, handler in (
        ("GET", "account", READ, accounts.retrieve_own),
        ("POST", "account_links", account_links.CREATE, account_links.create),
        ("POST", "accounts", accounts.CREATE, accounts.create),
        ("GET", "accounts/{account}", READ, accounts.retrieve),
        ("GET", "balance", READ, reads.balance),
        ("GET", "balance_transactions", reads.TRANSACTIONS, reads.list_transactions),
        ("GET", "balance_transactions/{id}", READ, reads.retrieve_transaction),
        ("POST", "billing_portal/sessions", portal.CREATE, portal.create),
        ("GET", "charges", charges.LIST, charges.listing),
        ("GET", "charges/{charge}", READ, charges.retrieve),
        ("POST", "charges/{charge}", charges.UPDATE, charges.update),
        ("GET", "charges/{charge}/refunds", refunds.OF_CHARGE, refunds.of_charge),
        ("POST", "checkout/sessions", checkout_shapes.CREATE, checkout.create),
        ("GET", "checkout/sessions", checkout_shapes.LIST, checkout.listing),
        ("GET", "checkout/sessions/{session}", READ, checkout.retrieve),
        ("POST", "checkout/sessions/{session}", checkout_shapes.UPDATE, checkout.update),
        ("POST", "checkout/sessions/{session}/expire", READ, checkout.expire),
        ("GET", "checkout/sessions/{session}/line_items", checkout_shapes.LINE_ITEMS, checkout.line_items),
        ("POST", "customers", customers.CREATE, customers.create),
        ("GET", "customers", customers.LIST, customers.listing),
        ("GET", "customers/{customer}", READ, customers.retrieve),
        ("POST", "customers/{customer}", customers.CREATE, customers.update),
        ("DELETE", "customers/{customer}", customers.DELETE, customers.delete),
        ("GET", "customers/{customer}/payment_methods", customers.METHODS, customers.list_methods),
        ("GET", "disputes", disputes.LIST, disputes.listing),
        ("GET", "disputes/{dispute}", READ, disputes.retrieve),
        ("POST", "disputes/{dispute}", disputes.UPDATE, disputes.update),
        ("POST", "disputes/{dispute}/close", disputes.CLOSE, disputes.close),
        ("GET", "events", reads.EVENTS, reads.list_events),
        ("GET", "events/{id}", READ, reads.retrieve_event),
        ("GET", "files/{file}", READ, reports.retrieve_file),
        ("GET", "files/{file}/contents", READ, reports.contents),
        ("GET", "invoice_payments", invoices.PAYMENT_LIST, invoices.list_payments),
        ("GET", "invoice_payments/{invoice_payment}", READ, invoices.retrieve_payment),
        ("GET", "invoices", invoices.LIST, invoices.listing),
        ("GET", "invoices/{invoice}", READ, invoices.retrieve),
        ("GET", "mandates/{mandate}", READ, reads.retrieve_mandate),
        ("POST", "payment_intents", payment_intents.CREATE, payment_intents.create),
        ("GET", "payment_intents", payment_intents.LIST, payment_intents.listing),
        ("GET", "payment_intents/{intent}", READ, payment_intents.retrieve),
        ("POST", "payment_intents/{intent}", payment_intents.UPDATE, payment_intents.update),
        ("POST", "payment_intents/{intent}/confirm", payment_intents.CONFIRM, payment_intents.confirm),
        ("POST", "payment_intents/{intent}/cancel", payment_intents.CANCEL, payment_intents.cancel),
        ("GET", "payment_methods/{payment_method}", READ, reads.retrieve_payment_method),
        ("POST", "payouts", payout_calls.CREATE, payout_calls.create),
        ("GET", "payouts", payout_calls.LIST, payout_calls.listing),
        ("GET", "payouts/{payout}", READ, payout_calls.retrieve),
        ("POST", "payouts/{payout}", payout_calls.UPDATE, payout_calls.update),
        ("POST", "payouts/{payout}/cancel", payout_calls.CANCEL, payout_calls.cancel),
        ("POST", "prices", catalogue.PRICE_CREATE, catalogue.create_price),
        ("GET", "prices", catalogue.PRICE_LIST, catalogue.list_prices),
        ("GET", "prices/{price}", READ, catalogue.retrieve_price),
        ("POST", "prices/{price}", catalogue.PRICE_UPDATE, catalogue.update_price),
        ("POST", "products", catalogue.PRODUCT_CREATE, catalogue.create_product),
        ("GET", "products", catalogue.PRODUCT_LIST, catalogue.list_products),
        ("GET", "products/{id}", READ, catalogue.retrieve_product),
        ("POST", "products/{id}", catalogue.PRODUCT_UPDATE, catalogue.update_product),
        ("GET", "radar/early_fraud_warnings", disputes.WARNINGS, disputes.list_warnings),
        ("GET", "radar/early_fraud_warnings/{early_fraud_warning}", READ, disputes.retrieve_warning),
        ("POST", "refunds", refunds.CREATE, refunds.create),
        ("GET", "refunds", refunds.LIST, refunds.listing),
        ("GET", "refunds/{refund}", READ, refunds.retrieve),
        ("POST", "refunds/{refund}", refunds.UPDATE, refunds.update),
        ("POST", "reporting/report_runs", reports.CREATE, reports.create),
        ("GET", "reporting/report_runs", reports.LIST, reports.listing),
        ("GET", "reporting/report_runs/{report_run}", READ, reports.retrieve),
        ("GET", "setup_intents", setup_intents.LIST, setup_intents.listing),
        ("GET", "setup_intents/{intent}", READ, setup_intents.retrieve),
        ("GET", "subscriptions", subscriptions.LIST, subscriptions.listing),
        ("GET", "subscriptions/{subscription_exposed_id}", READ, subscriptions.retrieve),
        ("POST", "subscriptions/{subscription_exposed_id}", subscriptions.UPDATE, subscriptions.update),
        ("DELETE", "subscriptions/{subscription_exposed_id}", subscriptions.CANCEL, subscriptions.cancel),
        ("POST", "webhook_endpoints", webhook_endpoints.CREATE, webhook_endpoints.create),
        ("GET", "webhook_endpoints", webhook_endpoints.LIST, webhook_endpoints.listing),
        ("GET", "webhook_endpoints/{webhook_endpoint}", READ, webhook_endpoints.retrieve),
        ("POST", "webhook_endpoints/{webhook_endpoint}", webhook_endpoints.UPDATE, webhook_endpoints.update),
        ("DELETE", "webhook_endpoints/{webhook_endpoint}", webhook_endpoints.DELETE, webhook_endpoints.delete),
    )
)

_BY_LENGTH: dict[tuple[str, int], list[tuple[list[str], Operation]]] = {}
for _operation in OPERATIONS:
    _parts = _operation.path.split("/")
    _BY_LENGTH.setdefault((_operation.method, len(_parts)), []).append((_parts, _operation))


def find_operation(method: str, path: str) -> tuple[Operation, dict[str, str]]:
    """Return the operation for a path and the ids in it. Raises StripeError (404) where there is none."""
    parts = path.split("/")
    for wanted, operation in _BY_LENGTH.get((method, len(parts)), []):
        if all(one == part or (one[:1] == "{" and part) for one, part in zip(wanted, parts, strict=True)):
            ids = {one[1:-1]: part for one, part in zip(wanted, parts, strict=True) if one[:1] == "{"}
            return operation, ids
    raise StripeError(
        f"Unrecognized request URL ({method}: {path}). If you are trying to list objects, remove the trailing slash. "
        "If you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code. "
        "Please see https://stripe.com/docs or we can help at https://support.stripe.com/.",
        status=404,
        executed=False,
    )
