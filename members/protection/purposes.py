"""What this room, and what every room stands on, hold about people, and why."""

from core.protection import Purpose

_MEMBERS = "9(2)(d) a political body, its members and former members"
_CONTACTS = "9(2)(d) a political body, those in regular contact with it"
PURPOSES = (
    Purpose(
        name="membership",
        what="name, address, e-mail address, telephone number, date of birth, branch, rate; what"
        " became of the membership, when and why",
        why="to run the membership, and for branch and region to know who joined",
        basis="6(1)(b) contract",
        special=_MEMBERS,
        source="the person",
        seen_by="the person; the organiser of their region",
        kept="while they are a member and until they ask; applications never paid,"
        " declined or taken back {application_days} days",
        tables=("member", "membership_event", "member_pledge", "likeness"),
    ),
    Purpose(
        name="changes of e-mail address",
        what="the address before and after, and when it was asked for and confirmed",
        why="to write where somebody wants it, and to find what went to where they were before",
        basis="6(1)(b) contract",
        special=_MEMBERS,
        source="the person",
        seen_by="the person",
        kept="{letter_days} days after they are confirmed, as the letters; others {link_days} days"
        " after their link is over",
        tables=("email_change",),
    ),
    Purpose(
        name="consent",
        what="what was answered for each channel, with the words that were shown, and when",
        why="to be able to prove it",
        basis="6(1)(c) legal obligation (UK GDPR, article 7(1); PECR)",
        special=_MEMBERS,
        source="the person",
        seen_by="the person; who writes to members",
        kept="with the membership",
        tables=("consent",),
    ),
    Purpose(
        name="unsubscribed addresses",
        what="a keyed hash of an address that wants no news",
        why="to send none, also after erasure",
        basis="6(1)(c) legal obligation (PECR, regulation 22; UK GDPR, article 21(3))",
        special=_CONTACTS,
        source="the person",
        seen_by="nobody",
        kept="until its owner asks for news again",
        tables=("suppression",),
    ),
    Purpose(
        name="letters",
        what="to whom which letter went, with what in it",
        why="to send each once, and to be able to say what was sent",
        basis="6(1)(b) contract, 6(1)(f) legitimate interests: knowing what was said to whom",
        special=_CONTACTS,
        source="the service",
        seen_by="the carrier of the mail",
        kept="{letter_days} days",
        tables=("outbox_mail",),
    ),
    Purpose(
        name="links to one's own pages",
        what="an e-mail address, and when a link for it was made and used",
        why="to let people see and change what they give without a password",
        basis="6(1)(f) legitimate interests: they asked",
        special=_CONTACTS,
        source="the person",
        seen_by="nobody",
        kept="asked for: until answered; links {link_days} days after they are over",
        tables=("access_link", "link_request"),
    ),
    Purpose(
        name="requests and complaints",
        what="name, e-mail address, what was asked for or complained of, and what came of it",
        why="to answer within the time of the law, and to be able to prove it",
        basis="6(1)(c) legal obligation (UK GDPR, article 12; DPA 2018, s.164A)",
        special=_CONTACTS,
        source="the person",
        seen_by="the office",
        kept="{request_days} days after they are done",
        tables=("privacy_request",),
    ),
    Purpose(
        name="erasures",
        what="a keyed hash of an erased person's address, when and why, and what was kept",
        why="to prove that it was done, and to answer them later",
        basis="6(1)(c) legal obligation (UK GDPR, articles 5(2) and 17)",
        special=_CONTACTS,
        source="the office",
        seen_by="the office",
        kept="for good: nobody can be found by it who does not give their address",
        tables=("erasure",),
    ),
)
