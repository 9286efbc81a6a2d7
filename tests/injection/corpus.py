"""Strings that mean harm to whoever shows, exports, mails or logs them; most are made by rule (reliability goal 36)."""

import unicodedata

# What spreadsheets take for the beginning of a formula: the four signs and what looks or is folded like them.
SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫−⁺⁼₊₌"
FORMULAS = (
    "1+1",
    "cmd|' /C calc'!A0",
    'HYPERLINK("http://127.0.0.1:9/?q="&A1,"Click here")',
    "SUM(1+1)*cmd|' /C calc'!A0",
    'IMPORTXML("http://127.0.0.1:9/","//a")',
    'WEBSERVICE("http://127.0.0.1:9/")',
    'DDE("cmd";"/C calc";"!A0")',
    "MSEXCEL|'\\..\\..\\Windows\\System32\\cmd.exe'!''",
)
# What programs leave out before they look at a cell, or nobody sees before it.
LEADS = (
    " ", "   ", "\t", "\r", "\n", "\r\n", "\x00", "\x0b", "\x0c", "\x1f", "\x7f", "\x85", "\xa0", "\xad", "\u2003",
    "\u3000", "\u200b", "\u200e", "\u200f", "\u2028", "\u202a", "\u202e", "\u2060", "\u2066", "\ufeff", "\u061c", '"',
    '" ', "\t ", " \t\u200b",
)  # fmt: skip
# Where a program that divides columns otherwise would see a cell begin.
BREAKS = (";", "; ", ';"', "|", "\t", "\n", "\r", "\r\n", "\u2028", ',"', '",', "','")
MARKUP = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//127.0.0.1:9/x></sCrIpT>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<img src="x" onerror="alert(1)">',
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><script>alert&#40;1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<form action=//127.0.0.1:9/><input name=q>",
    "<button formaction=javascript:alert(1)>x",
    "<base href=//127.0.0.1:9/>",
    "<meta http-equiv=refresh content='0;url=//127.0.0.1:9/'>",
    "<link rel=stylesheet href=//127.0.0.1:9/x.css>",
    "<style>*{background:url(//127.0.0.1:9/)}</style>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<details open ontoggle=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)" x="',
    "x onmouseover=alert(1)",
    '"><script>alert(1)</script>',
    "'><script>alert(1)</script>",
    '"/><img src=x onerror=alert(1)>',
    "` onmouseover=alert(1)",
    "javascript:alert(1)",
    "java\tscript:alert(1)",
    "JaVaScRiPt://%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "//127.0.0.1:9/x",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "\\x3cscript\\x3ealert(1)",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "＜script＞alert(1)＜/script＞",
    "<\x00script>alert(1)</script>",
    "<scr\u00adipt>alert(1)</script>",
    '<!--#exec cmd="id"-->',
    "<?php system('id'); ?>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
    "<b>bold</b> & <i>italic</i>",
    "<!--",
    "<",
    "&",
    "&amp;",
    "\"'`<>&",
)
TEMPLATES = (
    "{{7*7}}", "{{ 7*'7' }}", "{{config}}", "{{''.__class__.__mro__[1].__subclasses__()}}", "{% raw %}{{7*7}}",
    "{% for x in range(9) %}x{% endfor %}", "{% include '/etc/passwd' %}", "{# a remark #}", "${7*7}", "#{7*7}",
    "*{7*7}", "<%= 7*7 %>", "@(7*7)", "[[7*7]]", "{0.__class__}", "{page.facts}", "{}", "{x!r}", "%s%s%s%n",
    "%(secret)s", "$HOME", "$(id)", "`id`", "; id", "| id", "&& id", "\\documentclass{x}\\input{/etc/passwd}",
)  # fmt: skip
LINE_BREAKS = ("\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "%0d%0a", "\\r\\n", "%E5%98%8A%E5%98%8D")
HEADERS = tuple(
    f"A name{line_break}{header}"
    for line_break in LINE_BREAKS
    for header in ("Bcc: all@evil.example", "Subject: another", "Set-Cookie: staff=1", "Content-Type: text/html")
)
LOGS = (
    "x\n2026-11-29 12:00:00 ERROR forged by a donor",
    "x\r2026-11-29 12:00:00 ERROR over the line before",
    "\x1b[2J\x1b[31mred",
    "\x1b]0;a title\x07",
    "\x08\x08\x08gone",
    "${jndi:ldap://127.0.0.1:9/x}",
    "=?utf-8?q?=0D=0ABcc:_all=40evil=2Eexample?=",
    "=?utf-8?b?DQpCY2M6IGFsbEBldmlsLmV4YW1wbGU=?=",
    "\r\n\r\n<html><script>alert(1)</script>",
    "a, b@evil.example",
    "a <b@evil.example>",
    "a;b@evil.example",
)
QUERIES = (
    "' OR 1=1--", "'; DROP TABLE donation;--", '" OR ""="', "') UNION SELECT sealed_key FROM stripe_account--",
    "\\'; --", "1; SELECT pg_sleep(9)", "%", "_", "%_%", "\\", "\\\\", "*", "admin'/*",
)  # fmt: skip
NAMES = (
    "null", "NULL", "Null", "None", "undefined", "NaN", "nan", "true", "false", "-0", "0", "1e309", "1E3", "0x10",
    "Infinity", "O’Neill", "O'Neill", "X", "Ñ", "é" * 100, "w" * 200, "Ѕhelter", "Shelter\u200b", "\u202eretlehS",
    "../../etc/passwd", "..\\..\\x", "file:///etc/passwd", "%00", "%2e%2e%2f", "CON", "a\u0301\u0316\u0301\u0316",
    "👩‍👩‍👧‍👦", "🏳️‍⚧️", "שלום", "مرحبا", "日本語", "１２３", "01/02/2026", "1-1", "1/2", "00123", "=", "+", "-",
    "@", "'", '"', "''", '""', ",", ";", "\t", "\\N",
)  # fmt: skip


def _corpus() -> tuple[str, ...]:
    formulas = [f"{sign}{formula}" for sign in SIGNS for formula in FORMULAS[: 8 if sign in "=+-@" else 2]]
    led = [f"{lead}{sign}{FORMULAS[1]}" for lead in LEADS for sign in "=@＝"]
    broken = [f"A name{between}{sign}{FORMULAS[1]}" for between in BREAKS for sign in "=-@＋"]
    only = [*LEADS, *(f"{lead}Mara" for lead in LEADS)]
    made = (*formulas, *led, *broken, *only, *MARKUP, *TEMPLATES, *HEADERS, *LOGS, *QUERIES, *NAMES)
    composed = [unicodedata.normalize(form, text) for text in ("Zoë Ångström", "=Å") for form in ("NFC", "NFD")]
    return tuple(dict.fromkeys((*made, *composed)))


CORPUS = _corpus()
