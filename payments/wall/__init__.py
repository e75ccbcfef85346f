"""The wall: givers' messages, shown once the money is here and a moderator has read them.

Whether a message can be seen is not kept anywhere: a decision of a moderator is, and whether the
gift stands is asked of its refunds and disputes each time. So nothing that happens to the money
can be forgotten here.
"""
