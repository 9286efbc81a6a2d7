"""What each page needs to be drawn: one frozen dataclass per template, and the values its parts take.

Everything here is for display: amounts, dates and sentences are written out already, addresses are whole. Nothing in
this package reads a database, knows a clock, formats money or imports another part of the product, so a page can be
drawn from a sample as well as from the truth. A template receives `page` (its dataclass) and `site` (see
`site.Site`), nothing else.
"""
