"""Words that break programs: what people are called, and what people try.

`LISTED` is the Big List of Naughty Strings, as the package `blns` 2.0.4 carries it (see NOTICE).
The rest was written for this house, in its manner: sorted by what it is known to break, and none
of it on the list.
"""

import json
from pathlib import Path

_DATA = Path(__file__).parent.parent / "data" / "blns" / "blns.json"
LISTED: tuple[str, ...] = tuple(json.loads(_DATA.read_text(encoding="utf-8")))

NAMES = (
    "Null", "Test", "void", "Nobody",
    "O", "Ng", "Yu Ma", "O'Brien", "D\u2019Arcy", "Smith-Jones", "van der Berg", "de la Cruz",
    "Nguy\u1ec5n Th\u1ecb", "\u0141ukasz \u017b\u00f3\u0142\u0107", "Bj\u00f6rk",
    "S\u00ea\u00e1n \u00d3 Dubhda", "Si\u00e2n \u0174yn", "Jos\u00e9", "Jose\u0301",
    "\u738b\u5c0f\u660e", "\u7530\u4e2d", "\uae40\ubbfc\uc900", "\u0645\u062d\u0645\u062f",
    "\u05d3\u05d5\u05d3", "\u0905\u0930\u0935\u093f\u0928\u094d\u0926",
    "\u0e2a\u0e21\u0e0a\u0e32\u0e22", "\U00020bb7\u91ce\u5bb6", "X \u00c6 A-12",
    "Mary  Two  Spaces", "a" * 100, "\U0001f469\U0001f3fd\u200d\U0001f680",
    "Sam <sam@example.org>", "Jones, Sam", "Sam; Jones", 'Sam "Red" Jones', "Sam\u00a0Jones",
    "\ufb03", "\u212bngstr\u00f6m", "\u0130stanbul", "stra\u00dfe", "\u01c4",
)  # fmt: skip
TRICKS = (
    # pages
    "<script>alert(1)</script>", "</title><svg/onload=alert(1)>", "<!--", "-->", "<![CDATA[",
    "]]>", "&lt;b&gt;", "&#x41;", "&nbsp;", '"><img src=x onerror=alert(1)>', "javascript:alert(1)",
    "' onfocus='alert(1)", "<b>bold</b>", "</textarea>", "<input value=", "<style>*{}</style>",
    # templates and formats
    "{{ 7*7 }}", "{% include 'x' %}", "{# #}", "${7*7}", "#{7*7}", "%(name)s", "%s%n%x",
    "{name.__class__}", "\\u0041", "\\x00", "\\n", "%00", "%0d%0aSet-Cookie:x=1", "%ED%A0%80",
    # databases, shells, spreadsheets, mail
    "'; DROP TABLE pledge; --", "1 OR 1=1", "\\'; --", "$(touch /tmp/x)", "`id`", "| ls",
    '=HYPERLINK("http://example.org")', "+44", "-1+1", "@SUM(1)", "\t=1", "Bcc: x@example.org",
    "Subject: hi", "..", "../../etc/passwd", "C:\\CON", "//example.org", "From the start",
    # numbers
    "-0", "1e9", "1E+309", "0x1F", "007", "1,000",
    "\u00bd", "\u2460", "\uff11\uff12", "99999999999999999999",
    # letters
    "\u202eevil\u202c", "\u2066isolate\u2069", "zero\u200bwidth", "\ufeffbom", "soft\u00adhyphen",
    "Z\u0334\u0322\u0347a\u0335l\u0337g\u0336o", "\u0301", "\u115f", "\u3164", "\u2800",
    "\ue000", "\U0010fffd", "\ufffd", "\ufffe", "\uffff", "\U0001f3f4\U000e0067",
    "\u06dd", "\u0600", "\U0001d518\U0001d52b", "i\u0307", "\u1e9e", "\u03c2\u03a3",
    "\U0001f1ec\U0001f1e7", "\u2764\ufe0f", "\U000e0001", "\u034f", "\u17b4",
    # what nobody can show
    "nul\0here", "bell\a", "escape\x1b[2J", "back\bspace", "\x7f", "\x85next", "\x9b", "form\ffeed",
    "line\u2028separator", "paragraph\u2029", "\ud800", "half \udfff pair", "two\nlines",
    "carriage\rreturn", "a\ttab",
)  # fmt: skip
EMPTY = ("\t\r\n", "\u00a0\u2003\u3000", "\u200b\u200d\ufeff", "\u00ad")
LONG = ("x" * 101, "\U0001f600" * 101, "e\u0301" * 51, "x" * 5000, "\n" * 3000, " " * 9000 + "x")
ALL = ("", *NAMES, *TRICKS, *EMPTY, *LONG)
