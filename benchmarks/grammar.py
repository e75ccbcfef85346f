"""Every postcode of the ONS directory, read by the grammar: 2.7 million, none refused.

    python -m benchmarks.grammar

The tests read one in twenty.
"""

import sys
from time import perf_counter

from branches.postcodes import NotAPostcode
from branches.postcodes.building import NoPostcodeData
from branches.postcodes.grammar import read
from tests.branches.postcodes.package import every_postcode


def main() -> int:
    """Read and print; 1 when one is refused, or read as another."""
    refused = count = 0
    try:
        began = perf_counter()
        for text in every_postcode():
            count += 1
            try:
                refused += read(text).compact != text.replace(" ", "")
            except NotAPostcode:
                refused += 1
    except NoPostcodeData as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    seconds = perf_counter() - began
    sys.stdout.write(
        f"grammar: {count:,} postcodes of the directory read in {seconds:.1f} s,"
        f" {refused} refused or misread\n"
    )
    return 1 if refused or not count else 0


if __name__ == "__main__":
    raise SystemExit(main())
