"""Units of aviation and the sea in metres and seconds."""

from __future__ import annotations

from typing import Final

from keepclear.core.space.altitude import FOOT_M

NAUTICAL_MILE_M: Final = 1852.0
"""The international nautical mile, exactly."""

KNOT_MPS: Final = NAUTICAL_MILE_M / 3600
"""One knot in metres a second."""

FOOT_A_MINUTE_MPS: Final = FOOT_M / 60
"""One foot a minute in metres a second."""
