"""Sessions: Flask's own signed cookie, at no cost to those who have none."""

from typing import TYPE_CHECKING

from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

if TYPE_CHECKING:
    from flask import Flask, Request, Response


class Sessions(SecureCookieSessionInterface):
    """Opens and keeps a session as Flask does, without its keys and settings where there is none.

    Nearly nobody has one: the public flows write no cookie.
    """

    def open_session(self, app: "Flask", request: "Request") -> SecureCookieSession | None:
        """Read the cookie of who brings any, and begin an empty session for everybody else."""
        if "HTTP_COOKIE" in request.environ:
            return super().open_session(app, request)
        return self.session_class() if app.secret_key else None

    def save_session(self, app: "Flask", session: SessionMixin, response: "Response") -> None:
        """Write the cookie of a session that there is, or that was looked at, and no other."""
        if session or session.accessed or session.modified:
            super().save_session(app, session, response)
