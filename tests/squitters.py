"""Mode S extended squitters made bit by bit, from the formulas and tables of ICAO Doc 9871, for tests to read."""

from __future__ import annotations

import math
from typing import Final

# Doc 9871, C.2.6.2: the latitudes at which the number of longitude zones goes from 59 down to 1.
ZONE_EDGES_DEG: Final = (
    10.47047130, 14.82817437, 18.18626357, 21.02939493, 23.54504487, 25.82924707, 27.93898710, 29.91135686,
    31.77209708, 33.53993436, 35.22899598, 36.85025108, 38.41241892, 39.92256684, 41.38651832, 42.80914012,
    44.19454951, 45.54626723, 46.86733252, 48.16039128, 49.42776439, 50.67150166, 51.89342469, 53.09516153,
    54.27817472, 55.44378444, 56.59318756, 57.72747354, 58.84763776, 59.95459277, 61.04917774, 62.13216659,
    63.20427479, 64.26616523, 65.31845310, 66.36171008, 67.39646774, 68.42322022, 69.44242631, 70.45451075,
    71.45986473, 72.45884545, 73.45177442, 74.43893416, 75.42056257, 76.39684391, 77.36789461, 78.33374083,
    79.29428225, 80.24923213, 81.19801349, 82.13956981, 83.07199445, 83.99173563, 84.89166191, 85.75541621,
    86.53536998, 87.00000000,
)  # fmt: skip


def zones(latitude_deg: float) -> int:
    return 59 - sum(abs(latitude_deg) >= edge for edge in ZONE_EDGES_DEG)


def encoded(latitude_deg: float, longitude_deg: float, *, odd: bool, surface: bool) -> tuple[int, int]:
    """The 17-bit coordinates of a place (Doc 9871, C.2.6.3)."""
    span = 90.0 if surface else 360.0
    bits = 2**17
    north = span / (60 - odd)
    y = math.floor(bits * (latitude_deg % north) / north + 0.5)
    rounded_deg = north * (y / bits + math.floor(latitude_deg / north))
    east = span / max(zones(rounded_deg) - odd, 1)
    x = math.floor(bits * (longitude_deg % east) / east + 0.5)
    return y % bits, x % bits


def airborne(address: int, latitude_deg: float, longitude_deg: float, *, odd: bool, height_ft: int) -> str:
    """A position squitter of type code 11; the height in steps of 25 feet."""
    y, x = encoded(latitude_deg, longitude_deg, odd=odd, surface=False)
    steps = (height_ft + 1000) // 25
    altitude = (steps >> 4) << 5 | 1 << 4 | (steps & 15)
    return _squitter(address, 11 << 51 | altitude << 36 | odd << 34 | y << 17 | x)


def ground(address: int, latitude_deg: float, longitude_deg: float, *, odd: bool) -> str:
    """A surface position squitter of type code 7, standing still, heading not said."""
    y, x = encoded(latitude_deg, longitude_deg, odd=odd, surface=True)
    return _squitter(address, 7 << 51 | 1 << 44 | odd << 34 | y << 17 | x)


def velocity(address: int, *, east_kn: int, north_kn: int, climb_fpm: int) -> str:
    """A velocity squitter of subtype 1; climb in steps of 64 feet a minute."""
    east = (east_kn < 0) << 10 | (abs(east_kn) + 1)
    north = (north_kn < 0) << 10 | (abs(north_kn) + 1)
    climb = (climb_fpm < 0) << 9 | (abs(climb_fpm) // 64 + 1)
    return _squitter(address, 19 << 51 | 1 << 48 | east << 32 | north << 21 | 1 << 20 | climb << 10)


def parity(body: bytes) -> int:
    """The 24 bits that end a frame, by long division (Annex 10 Vol. IV, 3.1.2.3.3)."""
    left = int.from_bytes(body, "big") << 24
    for place in range(len(body) * 8 + 23, 23, -1):
        if left >> place & 1:
            left ^= 0x1FFF409 << place - 24
    return left


def _squitter(address: int, message: int) -> str:
    body = b"\x8d" + address.to_bytes(3, "big") + message.to_bytes(7, "big")
    return (body + parity(body).to_bytes(3, "big")).hex()
