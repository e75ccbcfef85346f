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
_STOP_WHOLE = frozenset({"stop all", "opt out", "opt me out", "leave me alone", "go away"})
_STOP_OPENINGS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "optout", "unsub"})
_STOP_PHRASES = re.compile(
    r"\b(?:stop (?:all )?(?:text|messag|contact|send|sms|bother|spam|harass)[a-z]{0,6}"
    r"|(?:remove|delete|erase) (?:me|my (?:number|details|data|mobile|phone|contact))"
    r"|unsubscribe (?:me|my|from)|unsubscribe$|opt (?:me )?out|take me off|take my (?:number|name)"
    r"|(?:don'?t|do not|never) (?:ever )?(?:text|message|contact|send) (?:me|this|to)"
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
_POLITE = frozenset({"please", "pls", "plz", "thanks", "thx", "ta", "hi", "hello", "hey"})

_AUTOMATIC = re.compile(
    r"\W{0,3}(?:auto(?:mated|matic)?[ -]?(?:reply|response|replied|responder)\b"
    r"|out of (?:the )?office\b|this is an auto|delivery (?:report|notification|status|receipt)\b"
    r"|read receipt\b|message (?:was |has been |is )?(?:delivered|not delivered|undelivered"
    r"|received|sent)\b|your message (?:was|has been|could not|couldn't|to)\b|undeliver"
    r"|do not reply\b|thank you for (?:your message|contacting|texting)\b)",
    re.IGNORECASE,
)
_DELIVERY = re.compile(
    r"\b(?:delivered to|delivery (?:failed|failure|report)|failed to (?:deliver|send)"
    r"|not delivered|undeliverable|could not be delivered|couldn'?t be delivered"
    r"|automatic(?:ally)? (?:reply|response|generated)|automated (?:message|reply|response)"
    r"|auto[ -]?(?:reply|response)|out of (?:the )?office|on annual leave|no longer in use"
    r"|(?:am|i'm|im) (?:currently )?(?:driving|in a meeting)"
    r"|(?:can'?t|cannot|unable to) (?:talk|speak|take your call|answer|come to the phone)"
    r"|(?:will|i'll|ill) (?:call|ring|text|get back to|reply to) (?:you|u) (?:back |as |later|soon"
    r"|when|shortly)|back to you (?:soon|later|as soon|shortly)|call you back"
    r"|missed call|new voicemail|voice ?mail message|wrong number"
    r"|verification code|your [a-z]{0,20} ?code is"
    r"|one[ -]time (?:pass)?code|do not (?:reply|respond)|not monitored)\b",
    re.IGNORECASE,
)
_FEW, _MANY_COURTEOUS = 4, 14


def command(text: str) -> Kind | None:
    """Give `STOP`, `START` or `HELP` where the text is that and nothing else, or None.

    The words are the networks' own (STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, OPTOUT, REVOKE;
    START, UNSTOP; HELP, INFO), with what people write in their stead.
    """
    words = _words(text)
    whole = " ".join(words)
    bare = " ".join(word for word in words if word not in _POLITE)
    if _says_stop(words, whole, bare):
        return Kind.STOP
    if whole in _START_WHOLE or bare in _START_WHOLE:
        return Kind.START
    asks = text.strip() != "" and set(text) <= set("? \n")
    return Kind.HELP if asks or whole in _HELP_WHOLE or bare in _HELP_WHOLE else None


def _says_stop(words: list[str], whole: str, bare: str) -> bool:
    if bare in _STOP or bare in _STOP_WHOLE or _STOP_PHRASES.search(whole):
        return True
    opens = len(words) <= _FEW and bool(words) and words[0] in _STOP_OPENINGS
    return opens and all(word in WITH_STOP for word in words[1:])


def is_automatic(text: str) -> bool:
    """Say whether a machine says at once that it wrote this; such a text is never answered."""
    return bool(_AUTOMATIC.match(text))


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
        return any(word in THANKS for word in words)
    opening = words[0] in COURTESIES and any(word in THANKS for word in words[:_FEW])
    return opening and len(words) <= _MANY_COURTEOUS


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
