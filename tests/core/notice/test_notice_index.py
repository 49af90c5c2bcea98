"""The index of notices against all pairs held one by one, near the edges of what is asked and in the odd places."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from random import Random

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from keepclear.core.errors import Refused
from keepclear.core.instant import ALWAYS, HOUR_MS, Duration, Instant, Window
from keepclear.core.notice.conflict import conflict_between
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.index import (
    FIXED,
    Footprints,
    NoticeIndex,
    footprint,
    footprints_together,
)
from keepclear.core.notice.minima import MEETING, Minimum
from keepclear.core.space.altitude import EVERY_HEIGHT, Altitude, AltitudeBand, Datum
from keepclear.core.space.area import Area, Circle, Corridor, Part, Polygon
from keepclear.core.space.geodesy import Position, destination
from keepclear.core.space.separation import separation

START = 1_536_192_000_000
PLACES = (
    (33.4967, 38.6178),
    (90.0, 0.0),
    (-89.97, 179.99),
    (72.5, 179.999),
    (0.001, -179.9),
    (35.2644, 45.0),
    (-35.2644, -45.0),
    (45.0, 0.0),
    (10.0, 45.0),
)
"""At Tanf, both poles, the antimeridian, and where three or two faces of the cube meet."""


def at(place: tuple[float, float], *, azimuth_deg: float = 0.0, away_m: float = 0.0) -> Position:
    centre = Position(latitude_deg=place[0], longitude_deg=place[1])
    return destination(centre, azimuth_deg=azimuth_deg, distance_m=away_m)


def around(
    centre: Position, *, corners: int, size_m: float, rough: Random | None = None
) -> tuple[Position, ...]:
    return tuple(
        destination(
            centre,
            azimuth_deg=360 * k / corners,
            distance_m=size_m * (rough.uniform(0.4, 1.2) if rough else 1.0),
        )
        for k in range(corners)
    )


def drawn(random: Random, place: tuple[float, float], *, spread: float, least: float, most: float) -> Area:
    """A circle, a corridor, or a polygon that may have a hole and a second part; its size a power of ten between."""
    size_m = 10 ** random.uniform(least, most)
    centre = at(place, azimuth_deg=random.uniform(0, 360), away_m=random.uniform(0, spread) * size_m)
    match random.randrange(4):
        case 0:
            return Circle(centre=centre, radius_m=size_m)
        case 1:
            line = [centre]
            for _ in range(random.randrange(1, 5)):
                line.append(
                    destination(
                        line[-1],
                        azimuth_deg=random.uniform(0, 90),
                        distance_m=size_m * random.uniform(0.1, 2),
                    )
                )
            return Corridor(line=tuple(line), half_width_m=size_m * 10 ** random.uniform(-3, 0))
        case 2:
            ring = around(centre, corners=random.randrange(3, 14), size_m=size_m, rough=random)
            return Polygon(parts=(Part(outer=ring),))
        case _:
            ring = around(centre, corners=random.randrange(5, 9), size_m=size_m)
            hole = around(centre, corners=4, size_m=size_m / 2)
            beside = destination(centre, azimuth_deg=random.uniform(0, 360), distance_m=2 * size_m)
            parts = (
                Part(outer=ring, holes=(hole,)),
                Part(outer=around(beside, corners=3, size_m=size_m / 2)),
            )
            return Polygon(parts=parts)


def areas(random: Random, place: tuple[float, float], **sizes: float) -> Iterator[Area]:
    """Areas one after another; corners that fall together, as near a pole, are drawn again."""
    while True:
        try:
            yield drawn(random, place, **sizes)
        except Refused:
            continue


def extent(
    area: Area,
    *,
    band: AltitudeBand = EVERY_HEIGHT,
    window: Window = ALWAYS,
    accuracy_m: float = 0.0,
    height_accuracy_m: float = 0.0,
    time_accuracy_ms: int = 0,
) -> Extent:
    return Extent(
        name="one",
        role=Role.AREA,
        area=area,
        band=band,
        window=window,
        accuracy_m=accuracy_m,
        height_accuracy_m=height_accuracy_m,
        time_accuracy_ms=Duration(time_accuracy_ms),
    )


def apart_by(metres: float) -> Minimum:
    return Minimum(name=f"{metres} m", kinds=("any", "any"), horizontal_m=metres)


def verdict(own: Area, other: Area, asked_m: float) -> str:
    """What the index says of two areas, the same from both sides and of all pairs."""
    index = NoticeIndex([[apart_by(asked_m)]])
    columns = [footprint(extent(area), owner=k, kind=0) for k, area in enumerate((own, other))]
    one, two = index.add(footprints_together(columns))
    found, turned, pairs = index.found(one), index.found(two), index.pairs()
    assert len(found.certain) == len(turned.certain) == len(pairs.certain)
    assert len(found.doubtful) == len(turned.doubtful) == len(pairs.doubtful)
    return "near" if found.certain else "doubtful" if found.doubtful else "apart"


@pytest.mark.parametrize("place", PLACES)
def test_what_the_index_is_sure_of_is_what_the_exact_function_says(place: tuple[float, float]) -> None:
    random = Random(f"band {place}")
    several = areas(random, place, spread=2.0, least=2.0, most=5.3)
    wrong, sure = [], 0
    for _ in range(16):
        own, other = next(several), next(several)
        gap_m = separation(own, other).gap_m
        asked = [
            0.0,
            *(gap_m + off_m for off_m in (-100, -1, -0.1, -0.01, 0.01, 0.1, 1, 100) if gap_m + off_m >= 0),
        ]
        for asked_m in asked:
            said = verdict(own, other, asked_m)
            sure += said != "doubtful"
            if said not in ("doubtful", "near" if gap_m <= asked_m else "apart"):
                wrong.append((own, other, gap_m, asked_m, said))
    assert wrong == []
    assert sure > 40


@pytest.mark.parametrize("size_m", [100.0, 1_000.0, 10_000.0])
def test_the_band_of_doubt_is_narrow_for_footprints_of_common_size(size_m: float) -> None:
    tanf = PLACES[0]
    own = Polygon(parts=(Part(outer=around(at(tanf), corners=8, size_m=size_m)),))
    far = at(tanf, azimuth_deg=70, away_m=3 * size_m)
    other = Polygon(parts=(Part(outer=around(far, corners=5, size_m=size_m)),))
    gap_m = separation(own, other).gap_m
    off_m = 0.02 + 4e-9 * size_m**2
    assert verdict(own, other, gap_m - off_m) == "apart"
    assert verdict(own, other, gap_m + off_m) == "near"


@pytest.mark.parametrize(
    ("edge_m", "expected"), [(600e3, {"near"}), (1_100e3, {"doubtful"}), (8_900e3, {"doubtful"})]
)
def test_edges_that_are_too_long_for_the_bound_are_never_decided(edge_m: float, expected: set[str]) -> None:
    own = Corridor(
        line=(at((20.0, 10.0)), at((20.0, 10.0), azimuth_deg=60, away_m=edge_m)), half_width_m=5_000
    )
    other = Circle(centre=at((20.0, 10.0), azimuth_deg=60, away_m=edge_m / 2), radius_m=1_000)
    assert {verdict(own, other, 0.0), verdict(other, own, 0.0)} == expected


def test_nothing_of_any_size_is_missed_by_a_notice_of_any_other_size() -> None:
    sizes_m = (1.0, 300.0, 5e3, 60e3, 400e3, 2e6, 9e6, 20e6)
    area = [
        Circle(centre=at((35.0, 44.9), azimuth_deg=9 * k, away_m=k), radius_m=r)
        for k, r in enumerate(sizes_m)
    ]
    index = NoticeIndex([[MEETING]])
    rows = index.add(
        footprints_together(footprint(extent(one), owner=k, kind=0) for k, one in enumerate(area))
    )
    for row in rows:
        found = index.found(row)
        assert sorted((*found.certain, *found.doubtful)) == [other for other in rows if other != row]
    pairs = index.pairs()
    both = {tuple(sorted(pair)) for pair in (*pairs.certain.tolist(), *pairs.doubtful.tolist())}
    assert len(pairs.certain) + len(pairs.doubtful) == len(both)
    assert both == set(combinations(rows, 2))


def varied(random: Random, area: Area) -> Extent:
    """An extent with heights of two datums, a window of hours or months, and accuracies."""
    low_m = random.uniform(0, 3_000)
    datum = random.choice([Datum.MSL, Datum.MSL, Datum.AGL, Datum.UNKNOWN])
    band = AltitudeBand(
        lower=Altitude(height_m=low_m, datum=datum), upper=Altitude(height_m=low_m + 500, datum=datum)
    )
    start = Instant(START + random.randrange(48 * HOUR_MS))
    lasts_ms = random.choice([0, HOUR_MS, 6 * HOUR_MS, 40 * HOUR_MS, 2_000 * HOUR_MS])
    return extent(
        area,
        band=random.choice([band, band, EVERY_HEIGHT]),
        window=random.choice([ALWAYS, *[Window(start=start, end=Instant(start + lasts_ms))] * 5]),
        accuracy_m=random.choice([0.0, 50.0]),
        height_accuracy_m=random.choice([0.0, 30.48]),
        time_accuracy_ms=random.choice([0, 600_000]),
    )


RULES: list[list[Minimum | None]] = [
    [
        MEETING,
        Minimum(
            name="wide",
            kinds=("any", "any"),
            horizontal_m=9_260.0,
            vertical_m=300.0,
            time_ms=Duration(HOUR_MS),
        ),
        None,
    ],
    [None, apart_by(500.0), MEETING],
    [None, None, None],
]
SYMMETRIC = [[RULES[min(k, m)][max(k, m)] for m in range(3)] for k in range(3)]


@pytest.mark.parametrize("place", PLACES[::3])
def test_a_crowd_meets_as_it_does_when_each_pair_is_held_by_itself(place: tuple[float, float]) -> None:
    random = Random(f"crowd {place}")
    several = areas(random, place, spread=8.0, least=3.0, most=4.7)
    crowd = [varied(random, next(several)) for _ in range(42)]
    kinds = [random.randrange(3) for _ in crowd]
    index = NoticeIndex(SYMMETRIC)
    columns = [
        footprint(one, owner=k // 2, kind=kind)
        for k, (one, kind) in enumerate(zip(crowd, kinds, strict=True))
    ]
    rows = index.add(footprints_together(columns))
    expected = {
        (one, two)
        for one, two in combinations(rows, 2)
        if one // 2 != two // 2
        and (least := SYMMETRIC[kinds[one]][kinds[two]]) is not None
        and conflict_between(crowd[one], crowd[two], least) is not None
    }
    pairs = index.pairs()
    certain = {tuple(sorted(pair)) for pair in pairs.certain.tolist()}
    doubtful = {tuple(sorted(pair)) for pair in pairs.doubtful.tolist()}
    assert certain <= expected <= certain | doubtful
    assert len(certain) == len(pairs.certain)
    assert len(certain) > 10 > len(doubtful)
    for row in rows:
        found = index.found(row)
        assert sorted(found.certain) == sorted(sum(pair) - row for pair in certain if row in pair)
        assert sorted(found.doubtful) == sorted(sum(pair) - row for pair in doubtful if row in pair)


class IndexBesideList(RuleBasedStateMachine):
    """Circles come and go; after each step each is held against every other, one by one."""

    rows = Bundle("rows")

    def __init__(self) -> None:
        super().__init__()
        self.index = NoticeIndex([[apart_by(1_000.0)]])
        self.held: dict[int, tuple[int, Extent]] = {}
        self.owner = 0

    @rule(
        target=rows,
        away_m=st.integers(0, 200_000),
        azimuth_deg=st.integers(0, 359),
        radius_m=st.sampled_from([10.0, 2_000.0, 60_000.0, 1e6]),
        start_h=st.integers(0, 90),
        lasts_h=st.sampled_from([0, 2, 30, 5_000]),
        place=st.sampled_from(PLACES[4:6]),
    )
    def given(
        self,
        away_m: int,
        azimuth_deg: int,
        radius_m: float,
        start_h: int,
        lasts_h: int,
        place: tuple[float, float],
    ) -> int:
        start = Instant(START + start_h * HOUR_MS)
        one = extent(
            Circle(centre=at(place, azimuth_deg=azimuth_deg, away_m=away_m), radius_m=radius_m),
            window=Window(start=start, end=Instant(start + lasts_h * HOUR_MS)),
        )
        self.owner += 1
        (row,) = self.index.add(footprint(one, owner=self.owner, kind=0))
        assert row not in self.held
        self.held[row] = self.owner, one
        return row

    @rule(row=consumes(rows))
    def gone(self, row: int) -> None:
        del self.held[row]
        self.index.remove(row)

    @invariant()
    def each_meets_what_it_meets_by_itself(self) -> None:
        assert len(self.index) == len(self.held)
        for row, (_, own) in self.held.items():
            met = {
                other
                for other, (_, there) in self.held.items()
                if other != row and conflict_between(own, there, apart_by(1_000.0)) is not None
            }
            found = self.index.found(row)
            assert set(found.certain) <= met <= {*found.certain, *found.doubtful}


IndexBesideList.TestCase.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
test_rows_that_come_and_go_leave_an_index_of_those_that_are_there = IndexBesideList.TestCase


def test_what_is_taken_away_leaves_no_row_cell_or_record() -> None:
    random = Random("no trace")
    several = areas(random, PLACES[5], spread=30.0, least=2.0, most=5.5)
    columns = footprints_together(
        footprint(varied(random, next(several)), owner=k, kind=0) for k in range(300)
    )
    index = NoticeIndex([[MEETING]])
    for _ in range(3):
        rows = index.add(columns)
        assert sorted(rows) == list(range(300))
        for row in random.sample(rows, len(rows)):
            index.remove(row)
        assert index.size() == (0, 0, 0)


def test_other_rules_hold_for_what_was_there_before() -> None:
    pair = [Circle(centre=at(PLACES[0], away_m=away_m), radius_m=1_000) for away_m in (0, 30_000)]
    index = NoticeIndex([[MEETING]])
    index.add(footprints_together(footprint(extent(one), owner=k, kind=0) for k, one in enumerate(pair)))
    assert index.found(0).certain == []
    index.set_rules([[apart_by(28_500.0)]])
    assert index.found(0).certain == [1]
    index.set_rules([[None]])
    assert index.found(0) == ([], [])


def spoiled(name: str, value: float) -> Footprints:
    good = footprint(extent(Circle(centre=at(PLACES[0]), radius_m=5)), owner=1, kind=0)
    fixed = good.fixed.copy()
    fixed[name] = value
    return Footprints(
        fixed=fixed, ring=good.ring, latitude_deg=good.latitude_deg, longitude_deg=good.longitude_deg
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("margin_m", np.nan),
        ("margin_m", -1.0),
        ("margin_m", np.inf),
        ("accuracy_m", np.nan),
        ("height_accuracy_m", -0.1),
        ("lower_m", np.nan),
        ("upper_m", 1e300),
        ("start_ms", -(1 << 62)),
        ("end_ms", (1 << 63) - 1),
        ("end_ms", -(1 << 52)),
        ("time_accuracy_ms", -1),
        ("rings", 0),
        ("rings", -5),
        ("rings", (1 << 31) - 1),
        ("kind", 1),
        ("shape", 3),
        ("shape", 2),
        ("lower_datum", 77),
    ],
)
def test_a_footprint_out_of_range_is_refused_and_changes_nothing(name: str, value: float) -> None:
    index = NoticeIndex([[MEETING]])
    good = footprint(extent(Circle(centre=at(PLACES[0]), radius_m=5)), owner=2, kind=0)
    with pytest.raises(ValueError, match="a footprint"):
        index.add(footprints_together([good, spoiled(name, value)]))
    assert index.size() == (0, 0, 0)


@pytest.mark.parametrize(
    ("ring", "lat", "lon"),
    [
        ([1], [np.nan], [0.0]),
        ([1], [91.0], [0.0]),
        ([1], [0.0], [180.5]),
        ([1], [0.0, 1.0], [0.0, 1.0]),
        ([1], [0.0, 1.0], [0.0]),
        ([2], [0.0, 1.0], [0.0, 1.0]),
        ([-1], [0.0], [0.0]),
        ([0], [], []),
        ([-(1 << 31)], [0.0], [0.0]),
        ([(1 << 31) - 1], [0.0], [0.0]),
        ([1, 1], [0.0, 0.0], [0.0, 0.0]),
        ([], [], []),
    ],
)
def test_columns_that_do_not_fit_together_are_refused(
    ring: list[int], lat: list[float], lon: list[float]
) -> None:
    index = NoticeIndex([[MEETING]])
    fixed = footprint(extent(Circle(centre=at(PLACES[0]), radius_m=5)), owner=1, kind=0).fixed
    odd = Footprints(
        fixed=fixed,
        ring=np.array(ring, np.int32),
        latitude_deg=np.array(lat, np.float64),
        longitude_deg=np.array(lon, np.float64),
    )
    with pytest.raises(ValueError, match="a footprint"):
        index.add(odd)
    assert len(index) == 0


def test_columns_of_no_footprint_are_taken_and_columns_of_half_a_value_are_not() -> None:
    index = NoticeIndex([[MEETING]])
    nothing = np.empty(0)
    whole = Footprints(
        fixed=np.empty(0, FIXED), ring=np.empty(0, np.int32), latitude_deg=nothing, longitude_deg=nothing
    )
    assert index.add(whole) == []
    with pytest.raises(ValueError, match="whole values"):
        index._index.add(bytes(79), b"", b"", b"")
    with pytest.raises(ValueError, match="in their places"):
        index._index.add(memoryview(bytes(88))[3:83], b"", b"", b"")


def test_a_row_that_is_not_there_is_neither_found_nor_removed() -> None:
    index = NoticeIndex([[MEETING]])
    (row,) = index.add(footprint(extent(Circle(centre=at(PLACES[0]), radius_m=5)), owner=1, kind=0))
    index.remove(row)
    for absent in (row, -1, 7, 1 << 40):
        with pytest.raises(KeyError):
            index.remove(absent)
        with pytest.raises(KeyError):
            index.found(absent)


def test_rules_that_are_no_numbers_are_refused_and_the_old_ones_stay() -> None:
    index = NoticeIndex([[MEETING]])
    whole = np.zeros(1)
    for odd in (np.full(1, np.nan), np.full(1, np.inf), np.zeros(2), np.empty(0)):
        with pytest.raises(ValueError, match="rule"):
            index._index.set_rules(odd, whole, np.zeros(1, np.int64))
    with pytest.raises(ValueError, match="64 kinds"):
        NoticeIndex([[None] * 65] * 65)
