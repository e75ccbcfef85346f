"""The directory as files: three CSV files that are the whole truth about regions and branches."""

from branches.directory.exporting import export, files_of
from branches.directory.loading import Loaded, load
from branches.directory.sheets import (
    BRANCHES,
    CATCHMENTS,
    FILES,
    REGIONS,
    BadDirectory,
    Fault,
)

__all__ = [
    "BRANCHES",
    "CATCHMENTS",
    "FILES",
    "REGIONS",
    "BadDirectory",
    "Fault",
    "Loaded",
    "export",
    "files_of",
    "load",
]
