"""Which databases a test runs on: both, unless its module says that one is enough.

Services, and whatever can be lost, killed or fought over, are tested on both. What only reads
forms, writes pages or understands gateways goes through those services, and is tested on one.
"""

import pytest

ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
