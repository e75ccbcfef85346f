"""Counting attempts: by address, by e-mail address, and in all.

E-mail addresses are counted under a hash with our key: what counts may be a Redis of many uses.
"""

import hashlib
from dataclasses import dataclass

from limits import RateLimitItemPerMinute, RateLimitItemPerSecond

from core.defence import Defence
from core.limits import Counts

# How many times its limit an address is counted, so that the work asked of it can rise.
_TIMES_OVER = 16
# Over how many seconds the limit of all is taken, and how much of a second more is let in: a moment
# in which many come is no attack.
_SMOOTHED_SECONDS, _SLACK_SECONDS = 3, 1
# How many passes of an address are its first, and what part of them all is for later ones.
_FIRST_PASSES = 2
_SHARE_OF_REPEATED = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """How many attempts there were lately of an address and of an e-mail address, this one counted.

    Each is one while it is within its limit. `rush` says that there are more in all than we take.
    """

    of_address: int
    of_email: int
    rush: bool = False


@dataclass(frozen=True, slots=True)
class Meters:
    """Counts in `counts`, by the limits of the organisation; `key` hashes e-mail addresses."""

    counts: Counts
    limits: Defence
    key: str

    def name(self, email_key: str) -> str:
        """Return what an e-mail address is counted under."""
        digest = hashlib.blake2b(email_key.encode(), key=self.key.encode()[:64], digest_size=12)
        return digest.hexdigest()

    def count(self, address: str, email: str) -> Seen:
        """Count an attempt; `email` as `name` gives it.

        Among those in all it counts only if it is within both its limits: one address alone brings
        no rush about, for from then on only it is asked.
        """
        of_address = self._count(f"from/{address}", self.limits.attempts_per_address)
        of_email = self._count(f"for/{email}", self.limits.attempts_per_email)
        rush = of_address == of_email == 1 and not self.counts.hit(self._in_all, "attempts")
        return Seen(of_address, of_email, rush)

    def look(self, address: str, email: str) -> Seen:
        """Say how it stands, counting nothing: what is sent again is the same attempt."""
        return Seen(
            self._look(f"from/{address}", self.limits.attempts_per_address),
            self._look(f"for/{email}", self.limits.attempts_per_email),
        )

    def _count(self, name: str, most: int) -> int:
        """Count one of a name, and return how many there are: one for any that is within the limit.

        Those beyond it are counted apart, so that of many at one moment exactly the first pass.
        """
        if self.counts.hit(self._per_address(most), name):
            return 1
        self.counts.hit(self._per_address(most * _TIMES_OVER), f"over/{name}")
        return self._look(name, most)

    def _look(self, name: str, most: int) -> int:
        over = self.counts.seen(self._per_address(most * _TIMES_OVER), f"over/{name}")
        return most + over if over else 1

    def answer(self, address: str) -> bool:
        """Count a try at the question; say whether this address may still answer by hand."""
        return self.counts.hit(self._per_address(self.limits.answers_per_address), f"ans/{address}")

    def let_through(self, address: str, *, everybody: bool) -> str | None:
        """Count what has proved itself and is to pass; or say of which there were too many.

        While everybody is asked, the first passes of an address have a minute's number to
        themselves, and a third as many more are for all that come again: so a script that does the
        work, from the addresses it has, does not use up what is for honest givers.
        """
        passes = self._per_address(self.limits.passes_per_address)
        if not self.counts.hit(passes, f"past/{address}"):
            return "address"
        if not everybody:
            return None
        first = self.counts.hit(self._per_address(_FIRST_PASSES), f"new/{address}")
        most = self.limits.checkouts_a_minute_under_attack
        in_all = RateLimitItemPerMinute(most if first else max(1, most // _SHARE_OF_REPEATED))
        return None if self.counts.hit(in_all, "first" if first else "again") else "in-all"

    @property
    def _in_all(self) -> RateLimitItemPerSecond:
        most = self.limits.attempts_a_second_in_all * (_SMOOTHED_SECONDS + _SLACK_SECONDS)
        return RateLimitItemPerSecond(most, _SMOOTHED_SECONDS)

    def _per_address(self, most: int) -> RateLimitItemPerMinute:
        return RateLimitItemPerMinute(most, self.limits.attempt_minutes)
