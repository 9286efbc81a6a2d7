"""The HTML doors: public pages, the staff's pages, and the door Stripe knocks on."""
