"""What was found in a message, in words for its moderator."""

from flask_babel import lazy_gettext as _l

from payments.wall.flagging import Flag

FLAGS = {
    Flag.EMAIL: _l("e-mail address"),
    Flag.LINK: _l("link"),
    Flag.PHONE: _l("telephone number"),
    Flag.ADDRESS: _l("postal address"),
    Flag.LONG_RUN: _l("very long run"),
}
