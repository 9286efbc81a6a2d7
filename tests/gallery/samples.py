"""All samples of the gallery."""

from . import samples_campaign

FRAGMENT = samples_campaign.FRAGMENT
PAGES = (*samples_campaign.SAMPLES,)
