"""Commands, courtesies and the voices of machines: what a text is when it holds no postcode."""

import re

from branches.texting.understanding.meaning import Kind
from branches.texting.understanding.words import COURTESIES, REQUESTS, THANKS, WITH_STOP, key

_WORD = re.compile(r"[^\W_]+(?:'[^\W\d_]{1,2})?")

_STOP = frozenset(
    """
    stop stopall unsubscribe unsubscribed unsubscribing cancel end quit optout revoke remove
    unsub stpo sotp stopp stip stopio peidiwch
    """.split(),  # noqa: SIM905 - a list this long is easier to read as prose
)
_STOP_WHOLE = frozenset(
    {"s t o p", "stop all", "opt out", "opt me out", "leave me alone", "go away", "opted out"},
)
_STOP_OPENINGS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "optout", "unsub"})
# "I said stop", but not "the bus stop" or "we won't stop".
_NOT_TO_STOP = frozenset(
    """
    not non never don't dont won't wont can't cant didn't we they us must should will when where
    why doesn't doesnt
    """.split(),  # noqa: SIM905 - likewise
)
_STOPS = frozenset("bus tram full pit next first last the a to".split())  # noqa: SIM905 - likewise
_MOST_BEFORE_STOP = 6
_STOP_PHRASES = re.compile(
    r"\b(?:stop (?:(?:all|these|the|this|your|any|getting|receiving|sending|more) ){0,3}"
    r"(?:text|txt|messag|contact|send|sms|bother|spam|harass|email|e mail|ring|call)[a-z]{0,6}"
    r"|(?:remove|delete|erase) (?:me|(?:my|this) (?:number|details|data|mobile|phone|contact))"
    r"|unsubscribed?|opt (?:me )?out|take me off|(?:take|lose) (?:my|this) (?:number|name)"
    r"|(?:don'?t|do not|never) (?:ever )?(?:text|txt|message|contact|send) (?:me|this|to)"
    r"|(?:don'?t|do not) want (?:(?:any|more|your|these|to get|to receive) ){0,3}(?:text|message)s?"
    r"|no more (?:texts?|messages?|sms)|leave me alone)\b",
)
_START_WHOLE = frozenset(
    {
        "start",
        "unstop",
        "start again",
        "start texts",
        "restart",
        "resume",
        "opt in",
        "optin",
        "opt me in",
        "resubscribe",
        "subscribe",
        "start texting",
        "start texting me",
        "please start",
        "start please",
        "dechrau",
    },
)
_HELP_WHOLE = frozenset(
    {
        "help",
        "info",
        "help me",
        "help please",
        "please help",
        "help pls",
        "pls help",
        "hi help",
        "help me please",
        "please help me",
        "i need help",
        "need help",
        "information",
        "info please",
        "info pls",
        "more info",
        "more info please",
        "more information",
        "what is this",
        "what's this",
        "whats this",
        "what is this number",
        "whats this number",
        "who is this",
        "who's this",
        "whos this",
        "who is this please",
        "who's this please",
        "whos this please",
        "who are you",
        "who r u",
        "who are u",
        "who dis",
        "who is it",
        "how does this work",
        "how does it work",
        "how do i use this",
        "what do i do",
        "what do i text",
        "what do i send",
        "instructions",
        "menu",
        "privacy",
        "cymorth",
        "help plz",
        "sos",
    },
)
_POLITE = frozenset(
    "please pls plz thanks thx ta hi hello hey ok okay oh x xx".split(),  # noqa: SIM905 - likewise
)
_AROUND_A_KEYWORD = _POLITE | frozenset(
    """
    text txt reply send to right yes yeah just now sorry mate can could would will you i want
    like wanna and
    """.split(),  # noqa: SIM905 - likewise
)

_AUTOMATIC = re.compile(
    r"\W{0,3}(?:auto\s?:|auto(?:mated|matic)?[ -]?(?:reply|response|replied|responder)\b"
    r"|out of (?:the )?office\b|this is an auto|delivery (?:report|notification|status|receipt)\b"
    r"|read receipt\b|message (?:was |has been |is )?(?:delivered|not delivered|undelivered"
    r"|received|sent)\b|your message (?:was|has been|could not|couldn't|to)\b|undeliver"
    r"|do not reply\b|thank you for (?:your message|contacting|texting)\b)",
    re.IGNORECASE,
)
# The foot of an advertisement; whoever says "I reply STOP and you still text me" means it.
_ADVERTISING = re.compile(
    r"(?<!\bi )\b(?:reply|text|txt|send|opt[ -]?out|end)\b\W{1,3}(?:with )?['\"]?stop\b",
    re.IGNORECASE,
)
_SHORTEST_ADVERTISEMENT = 7
_DELIVERY = re.compile(
    r"\b(?:delivered to|delivery (?:failed|failure|report)|failed to (?:deliver|send)"
    r"|not delivered|undeliverable|could not be delivered|couldn'?t be delivered"
    r"|automatic(?:ally)? (?:reply|response|generated)|automated (?:message|reply|response)"
    r"|auto[ -]?(?:reply|response)|out of (?:the )?office|on annual leave|no longer in use"
    r"|(?:am|i'm|im) (?:currently )?(?:driving|in a meeting)"
    r"|(?:can'?t|cannot|unable to) (?:talk|speak|take your call|answer|come to the phone)"
    r"|(?:will|i'll|ill) (?:call|ring|text|get back to|reply to) (?:you|u) (?:back |as |later|soon"
    r"|when|shortly)|back to you (?:soon|later|as soon|shortly)|call you back"
    r"|call you (?:back|later)|(?:i'm|im|am) on my way|missed (?:a )?calls?"
    r"|(?:[0-9] new|new voice) ?(?:voice ?)?(?:mail|message)s?|voice ?mail message|wrong number"
    r"|your (?:parcel|package|order|prescription|appointment|bill|booking|account|payment)"
    r" (?:is|has|was|will|at|from|number|no)"
    r"|[0-9]{4,8} is your|your (?:otp|pin)|your [a-z]{0,20} ?code is"
    r"|your code\W{1,3}[0-9]{3,8}|notifications silenced"
    r"|(?:verification|security|access|login|one[ -]time) (?:pass)?code"
    r"|do not (?:reply|respond)|not monitored)\b",
    re.IGNORECASE,
)
_LEAVE = re.compile(r"(?:ok )?(?:see|speak|talk) (?:to )?(?:you|u|ya|soon|later)\b")
_FEW, _MANY_COURTEOUS = 4, 14


def command(text: str) -> Kind | None:
    """Give `STOP`, `START` or `HELP` where the text is that and nothing else, or None.

    The words are the networks' own (STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, OPTOUT, REVOKE;
    START, UNSTOP; HELP, INFO), with what people write in their stead.
    """
    words = _words(text)
    whole = " ".join(words)
    bare = " ".join(word for word in words if word not in _POLITE)
    told = " ".join(word for word in words if not (word in _AROUND_A_KEYWORD or word.isdigit()))
    if _says_stop(words, whole, told):
        return Kind.STOP
    if whole in _START_WHOLE or bare in _START_WHOLE:
        return Kind.START
    asks = text.strip() != "" and set(text) <= set("? \n")
    return Kind.HELP if asks or _HELP_WHOLE & {whole, bare, told} else None


def _says_stop(words: list[str], whole: str, told: str) -> bool:
    if told in _STOP or told in _STOP_WHOLE or _STOP_PHRASES.search(whole):
        return True
    if _ends_in_stop(words):
        return True
    opens = len(words) <= _FEW and bool(words) and words[0] in _STOP_OPENINGS
    return opens and all(word in WITH_STOP for word in words[1:])


def _ends_in_stop(words: list[str]) -> bool:
    if not 1 < len(words) <= _MOST_BEFORE_STOP or words[-1] != "stop":
        return False
    return words[-2] not in _STOPS and not _NOT_TO_STOP.intersection(words)


def is_automatic(text: str) -> bool:
    """Say whether a machine says at once that it wrote this; such a text is never answered."""
    if _AUTOMATIC.match(text):
        return True
    return bool(_ADVERTISING.search(text)) and len(_words(text)) >= _SHORTEST_ADVERTISEMENT


def is_delivery_notice(text: str) -> bool:
    """Say whether a text without a place reads like an auto-responder or a delivery notice."""
    return bool(_DELIVERY.search(text))


def is_courtesy(text: str) -> bool:
    """Say whether a text only thanks, agrees or takes leave: silence beats an error text."""
    words = [key(word) for word in _words(text)]
    if not words:
        # A lone emoji has become a space by now; nothing at all is asked for a postcode.
        return False
    if "?" in text or any(word in REQUESTS for word in words):
        return False
    if all(word in COURTESIES for word in words):
        return any(word in THANKS for word in words) or bool(_LEAVE.match(" ".join(words)))
    opening = words[0] in COURTESIES and any(word in THANKS for word in words[:_FEW])
    return opening and len(words) <= _MANY_COURTEOUS


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
