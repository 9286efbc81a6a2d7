"""All samples of the gallery."""

from . import (
    samples_bank,
    samples_campaign,
    samples_checks,
    samples_gift,
    samples_partner,
    samples_payout,
    samples_public,
    samples_setup,
    samples_staff,
)

FRAGMENT = samples_campaign.FRAGMENT
MAILS = samples_gift.MAILS
PAGES = (
    *samples_campaign.SAMPLES,
    *samples_gift.SAMPLES,
    *samples_public.SAMPLES,
    *samples_partner.SAMPLES,
    *samples_setup.SAMPLES,
    *samples_staff.SAMPLES,
    *samples_checks.SAMPLES,
    *samples_payout.SAMPLES,
    *samples_bank.SAMPLES,
)
