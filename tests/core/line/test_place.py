"""Places of a message: written and read back without a change, and refused in words that say what to add."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.instant import ALWAYS, FIRST, FOREVER, Window
from keepclear.core.line.plot.figures import figures_of
from keepclear.core.line.plot.place import (
    NAME_LENGTH_MAX,
    PLACES_MAX,
    Height,
    Place,
    area_of,
    height_from,
    place_members,
    place_of,
    places_content,
    places_of,
    places_of_volume,
)
from keepclear.core.line.plot.shape import (
    HALF_WIDTH_CM_MAX,
    POSITIONS_MAX,
    RADIUS_CM_MAX,
    CircleShape,
    CorridorShape,
    PointShape,
    PolygonShape,
    ceiling_cm,
    grid_position,
    shape_members,
    shapes_of_area,
)
from keepclear.core.space.altitude import UNLIMITED, Altitude, AltitudeBand, Datum
from keepclear.core.space.area import Area, Circle, Corridor, Part, Polygon
from keepclear.core.space.geodesy import Position, separation_m
from keepclear.core.space.schedule import Schedule, Span
from keepclear.core.space.volume import Volume
from keepclear.core.trust.encoding import Json, canonical, parsed
from places import BOX, ROUTE, SPOT, TANF, any_places, at, line
from strategies import areas, bands, windows

CIRCLE: dict[str, Json] = {"kind": "circle", "centre": [334_967_000, 386_178_000], "radius_cm": 5_500_000}
PLACE: dict[str, Json] = {"name": "TANF 55", "shape": CIRCLE}


def refusal(value: Json) -> Refused:
    with pytest.raises(Refused) as caught:
        place_of(value)
    return caught.value


# ------------------------------------------------------------------ what is written is what is read


def test_a_place_is_written_as_the_protocol_shows_it() -> None:
    assert place_members(TANF) == {
        "name": "TANF 55",
        "shape": CIRCLE,
        "lower": {"cm": 0, "datum": "agl"},
        "upper": {"cm": 450_000, "datum": "msl"},
        "from_ms": 1_536_192_000_000,
        "until_ms": 1_536_278_400_000,
    }


@pytest.mark.parametrize("place", [TANF, BOX, ROUTE, SPOT])
def test_every_kind_of_shape_comes_back_as_it_was(place: Place) -> None:
    assert places_of(parsed(canonical(places_content([place])))) == (place,)


@given(place=any_places())
def test_any_place_comes_back_from_its_bytes_without_a_change(place: Place) -> None:
    assert place_of(parsed(canonical(place_members(place)))) == place


@given(place=any_places())
def test_the_floats_that_a_place_is_plotted_with_give_its_whole_numbers_back(place: Place) -> None:
    area = area_of(place)
    if area is None:
        assert isinstance(place.shape, PointShape)
        assert grid_position(place.shape.at.position) == place.shape.at
    else:
        assert shapes_of_area(area) == (place.shape,)
    for height in (place.lower, place.upper):
        assert height is None or height_from(height.altitude) == height


def test_what_is_not_stated_is_left_out_and_stays_unstated() -> None:
    assert place_members(SPOT) == {
        "name": "SPOT",
        "shape": {"kind": "point", "at": [-335_000_000, 1_502_500_000]},
    }
    assert place_of(place_members(SPOT)).upper is None


def test_a_place_has_the_area_that_its_numbers_say_and_a_point_has_none() -> None:
    assert area_of(TANF) == Circle(
        centre=Position(latitude_deg=33.4967, longitude_deg=38.6178), radius_m=55_000.0
    )
    assert area_of(SPOT) is None
    corridor = area_of(ROUTE)
    assert isinstance(corridor, Corridor)
    assert corridor.half_width_m == 2_500.0


# ------------------------------------------------------------------ what is refused, and what to add


def test_a_place_in_words_only_is_refused_with_what_to_add() -> None:
    error = refusal({"name": "the hills east of Tanf"})
    assert error.code == "place.words-only"
    for wanted in ("the hills east of Tanf", "coordinates", "a point", "circle with its radius"):
        assert wanted in error.message


UNFIT: dict[str, tuple[Json, str]] = {
    "not an object": ("TANF 55", "fields.unfit"),
    "no name": ({"shape": CIRCLE}, "fields.missing"),
    "an empty name": (PLACE | {"name": ""}, "fields.unfit"),
    "a name of blanks": (PLACE | {"name": "  "}, "place.name"),
    "a name with a hidden turn": (PLACE | {"name": "A\u202eB"}, "place.name"),
    "a long name": (PLACE | {"name": "a" * (NAME_LENGTH_MAX + 1)}, "fields.unfit"),
    "an unknown member": (PLACE | {"colour": "red"}, "fields.unknown"),
    "a shape in words": (PLACE | {"shape": "round"}, "fields.unfit"),
    "no kind": (PLACE | {"shape": {"at": [0, 0]}}, "fields.missing"),
    "another kind": (PLACE | {"shape": {"kind": "ellipse"}}, "place.kind"),
    "a member of another kind": (PLACE | {"shape": CIRCLE | {"at": [0, 0]}}, "fields.unknown"),
    "no radius": (PLACE | {"shape": {"kind": "circle", "centre": [0, 0]}}, "fields.missing"),
    "radius 0": (PLACE | {"shape": CIRCLE | {"radius_cm": 0}}, "fields.unfit"),
    "radius true": (PLACE | {"shape": CIRCLE | {"radius_cm": True}}, "fields.unfit"),
    "a radius past the globe": (PLACE | {"shape": CIRCLE | {"radius_cm": RADIUS_CM_MAX + 1}}, "fields.unfit"),
    "one number": (PLACE | {"shape": {"kind": "point", "at": [1]}}, "place.position"),
    "three numbers": (PLACE | {"shape": {"kind": "point", "at": [1, 2, 3]}}, "place.position"),
    "numbers in words": (PLACE | {"shape": {"kind": "point", "at": ["1", 2]}}, "place.position"),
    "latitude true": (PLACE | {"shape": {"kind": "point", "at": [True, 2]}}, "place.position"),
    "longitude true": (PLACE | {"shape": {"kind": "point", "at": [1, True]}}, "place.position"),
    "latitude 91": (PLACE | {"shape": {"kind": "point", "at": [910_000_000, 0]}}, "place.position"),
    "longitude 181": (PLACE | {"shape": {"kind": "point", "at": [0, -1_810_000_000]}}, "place.position"),
    "no rings": (PLACE | {"shape": {"kind": "polygon", "rings": []}}, "place.positions"),
    "an empty ring": (PLACE | {"shape": {"kind": "polygon", "rings": [[]]}}, "polygon.points"),
    "a ring in words": (PLACE | {"shape": {"kind": "polygon", "rings": ["square"]}}, "place.positions"),
    "a ring closed again": (
        PLACE | {"shape": {"kind": "polygon", "rings": [[[0, 0], [0, 9000], [9000, 0], [0, 0]]]}},
        "area.repeated-point",
    ),
    "a crossing ring": (
        PLACE | {"shape": {"kind": "polygon", "rings": [[[0, 0], [9000, 9000], [9000, 0], [0, 9000]]]}},
        "polygon.meets-itself",
    ),
    "too many positions": (
        PLACE
        | {"shape": {"kind": "polygon", "rings": [[[n, n * n % 977] for n in range(POSITIONS_MAX + 1)]]}},
        "place.positions",
    ),
    "too long a line": (
        PLACE
        | {
            "shape": {
                "kind": "corridor",
                "half_width_cm": 1,
                "line": [[n * 1000, 0] for n in range(POSITIONS_MAX + 1)],
            }
        },
        "fields.unfit",
    ),
    "a line of one point": (
        PLACE | {"shape": {"kind": "corridor", "half_width_cm": 1, "line": [[0, 0]]}},
        "corridor.points",
    ),
    "half-width 0": (
        PLACE | {"shape": {"kind": "corridor", "half_width_cm": 0, "line": [[0, 0], [0, 9000]]}},
        "fields.unfit",
    ),
    "a height without a datum": (PLACE | {"upper": {"cm": 1}}, "fields.missing"),
    "a height of unknown datum": (PLACE | {"upper": {"cm": 1, "datum": "unknown"}}, "place.height"),
    "a height too low": (PLACE | {"lower": {"cm": -1_200_001, "datum": "msl"}}, "fields.unfit"),
    "a height with more": (PLACE | {"lower": {"cm": 1, "datum": "msl", "ft": 1}}, "fields.unknown"),
    "a height of null": (PLACE | {"lower": None}, "fields.unfit"),
    "upper below lower": (
        PLACE | {"lower": {"cm": 2, "datum": "msl"}, "upper": {"cm": 1, "datum": "msl"}},
        "place.heights",
    ),
    "an end before the start": (PLACE | {"from_ms": 2, "until_ms": 1}, "place.times"),
    "a time in words": (PLACE | {"from_ms": "dawn"}, "fields.unfit"),
    "a time past all years": (PLACE | {"until_ms": FOREVER + 1}, "fields.unfit"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_what_is_not_a_place_is_refused(case: str) -> None:
    value, code = UNFIT[case]
    assert refusal(value).code == code


@pytest.mark.parametrize(
    "case", [case for case in UNFIT if case.split()[-1] not in ("object", "name", "blanks", "turn")]
)
def test_a_refusal_names_the_place(case: str) -> None:
    assert "'TANF 55'" in refusal(UNFIT[case][0]).message


def test_two_heights_of_different_datums_are_never_compared() -> None:
    place = replace(
        TANF, lower=Height(height_cm=9, datum=Datum.AGL), upper=Height(height_cm=1, datum=Datum.MSL)
    )
    assert place_of(place_members(place)) == place


def test_a_value_that_is_made_in_the_program_is_checked_as_one_that_is_read() -> None:
    for make, code in (
        (lambda: CircleShape(centre=at(0, 0), radius_cm=0), "place.radius"),
        (
            lambda: CorridorShape(line=line((0, 0), (0, 1)), half_width_cm=HALF_WIDTH_CM_MAX + 1),
            "place.half-width",
        ),
        (lambda: CorridorShape(line=line((0, 0)) * 513, half_width_cm=1), "place.positions"),
        (lambda: PolygonShape(rings=()), "place.positions"),
        (lambda: Height(height_cm=10_000_000_001, datum=Datum.MSL), "place.height"),
        (lambda: Height(height_cm=0, datum=Datum.UNKNOWN), "place.height"),
        (lambda: Place(name=" A", shape=PointShape(at=at(0, 0))), "place.name"),
    ):
        with pytest.raises(Refused) as caught:
            make()
        assert caught.value.code == code


def test_a_message_names_between_one_place_and_the_most_each_by_its_own_name() -> None:
    many = [replace(SPOT, name=f"SPOT {number}") for number in range(PLACES_MAX)]
    assert places_of(places_content(many)) == tuple(many)
    for wrong, code in (
        ([], "place.count"),
        ([*many, TANF], "place.count"),
        ([TANF, BOX, replace(ROUTE, name="TANF 55")], "place.twice"),
    ):
        with pytest.raises(Refused) as caught:
            places_content(wrong)
        assert caught.value.code == code
    with pytest.raises(Refused, match="must be a list of at most 64"):
        places_of({"places": [place_members(place) for place in [*many, TANF]]})
    with pytest.raises(Refused, match="two places 'TANF 55'"):
        places_of({"places": [PLACE, PLACE]})
    with pytest.raises(Refused, match="not known here: more"):
        places_of({"places": [PLACE], "more": 1})


# ------------------------------------------------------------------ from a zone's volume


def volume_of(place: Place) -> Volume:
    """The volume that a place says, the other way round from places_of_volume."""
    area = area_of(place)
    assert area is not None
    return Volume(
        area=area,
        band=AltitudeBand(
            lower=place.lower.altitude if place.lower else UNLIMITED,
            upper=place.upper.altitude if place.upper else UNLIMITED,
        ),
        schedule=Schedule(
            window=Window(
                start=FIRST if place.from_time is None else place.from_time,
                end=FOREVER if place.until_time is None else place.until_time,
            )
        ),
    )


@pytest.mark.parametrize("place", [TANF, BOX, ROUTE])
def test_a_zone_that_came_from_a_place_gives_the_same_place(place: Place) -> None:
    assert places_of_volume(place.name, volume_of(place)) == (place,)


def test_a_polygon_of_two_parts_gives_two_places() -> None:
    one, other = (
        Part(outer=tuple(corner.position for corner in line((n, 0), (n, 1), (n + 1, 0)))) for n in (0, 5)
    )
    places = places_of_volume("BOTH", Volume(area=Polygon(parts=(one, other))))
    assert [place.name for place in places] == ["BOTH part 1", "BOTH part 2"]
    assert all(place.from_time is None and place.lower is None for place in places)


def test_the_hours_of_a_schedule_are_not_lost_in_silence() -> None:
    volume = Volume(area=volume_of(TANF).area, schedule=Schedule(window=ALWAYS, spans=(Span(),)))
    with pytest.raises(Refused, match="write the hours in the text") as caught:
        places_of_volume("TANF 55", volume)
    assert caught.value.code == "place.schedule"


def test_a_height_of_unknown_datum_cannot_be_put_in_a_message() -> None:
    band = AltitudeBand(upper=Altitude(height_m=9.0, datum=Datum.UNKNOWN))
    with pytest.raises(Refused, match="must say its datum"):
        places_of_volume("TANF 55", Volume(area=volume_of(TANF).area, band=band))


@given(area=areas(), band=bands(), window=windows())
def test_a_place_of_a_zone_is_within_its_rounding_of_the_zone(
    area: Area, band: AltitudeBand, window: Window
) -> None:
    volume = Volume(area=area, band=band, schedule=Schedule(window=window))
    (place,) = places_of_volume("ANY", volume)
    again = area_of(place)
    match area, again:
        case Circle(), Circle():
            assert separation_m(own=area.centre, other=again.centre) < 0.008
            assert again.radius_m == pytest.approx(area.radius_m, abs=0.0051)
        case Corridor(), Corridor():
            assert again.half_width_m == pytest.approx(area.half_width_m, abs=0.0051)
            for one, other in zip(area.line, again.line, strict=True):
                assert separation_m(own=one, other=other) < 0.008
        case Polygon(), Polygon():
            for one, other in zip(area.parts[0].outer, again.parts[0].outer, strict=True):
                assert separation_m(own=one, other=other) < 0.008
        case _:
            pytest.fail("another kind of shape")
    assert place.from_time in (None, window.start)
    assert place.until_time in (None, window.end)
    for stated, meant in ((place.lower, band.lower), (place.upper, band.upper)):
        if isinstance(meant, Altitude):
            assert stated is not None
            assert stated.datum is meant.datum
            assert stated.altitude.height_m == pytest.approx(meant.height_m, abs=0.0051)
        else:
            assert stated is None


def test_a_thing_that_is_no_shape_is_our_own_mistake() -> None:
    for work_out in (shape_members, shapes_of_area, figures_of):
        with pytest.raises(AssertionError):
            work_out("round")  # type: ignore[arg-type]


@given(st.integers(0, 10**9).map(lambda each: each / 1e5))
def test_a_doubt_in_whole_centimetres_is_never_less_than_it_was(doubt_m: float) -> None:
    assert doubt_m <= ceiling_cm(doubt_m) / 100 < doubt_m + 0.02
