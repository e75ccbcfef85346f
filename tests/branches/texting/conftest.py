from tests.branches.postcodes.conftest import built_index

__all__ = ["built_index"]
