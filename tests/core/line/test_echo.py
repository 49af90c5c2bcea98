"""The plot echo: a faithful one shows nothing, and any other shows what differs, by how much, in words."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.line.plot.difference import Difference, Reason, What
from keepclear.core.line.plot.echo import EchoPlace, differences, echo_content, echoes_of, plotted
from keepclear.core.line.plot.place import Height, Place, place_members, place_of
from keepclear.core.line.plot.shape import (
    CircleShape,
    CorridorShape,
    GridPosition,
    PointShape,
    PolygonShape,
)
from keepclear.core.space.altitude import Datum
from keepclear.core.trust.encoding import canonical, parsed
from places import BOX, ROUTE, SPOT, START, TANF, any_places, at, line

ALL = (TANF, BOX, ROUTE, SPOT)
KEPT_FIGURES = plotted(TANF).figures


def only(sent: Place, echoed: Place) -> Difference:
    """The one difference between a place and another that was plotted faithfully."""
    (found,) = differences([sent], [plotted(echoed)])
    assert found.place == sent.name
    assert found.words.startswith(f"Place {sent.name!r}: ")
    assert found.words.endswith(".")
    return found


def circle(place: Place) -> CircleShape:
    assert isinstance(place.shape, CircleShape)
    return place.shape


def centred(place: Place, centre: GridPosition) -> Place:
    return replace(place, shape=CircleShape(centre=centre, radius_cm=circle(place).radius_cm))


def with_radius(radius_cm: int) -> Place:
    return replace(TANF, shape=CircleShape(centre=circle(TANF).centre, radius_cm=radius_cm))


# ------------------------------------------------------------------ faithful echoes


def test_a_faithful_echo_of_every_kind_of_place_shows_no_difference() -> None:
    echoes = echoes_of(parsed(canonical(echo_content([plotted(place) for place in ALL]))))
    assert differences(ALL, echoes) == ()


def test_the_order_of_the_places_does_not_matter() -> None:
    assert differences(ALL, [plotted(place) for place in reversed(ALL)]) == ()


@settings(max_examples=1_000)
@given(place=any_places())
def test_no_place_shows_a_difference_from_a_faithful_echo_of_it(place: Place) -> None:
    echo = plotted(place)
    assert echo.place == place
    assert echoes_of(parsed(canonical(echo_content([echo])))) == (echo,)
    assert differences([place], [echo]) == ()


@given(place=any_places(), signs=st.lists(st.sampled_from([-1, 0, 1]), min_size=6, max_size=6))
def test_figures_that_another_library_rounds_otherwise_are_the_same_plot(
    place: Place, signs: list[int]
) -> None:
    own = plotted(place).figures
    slack = (max(1, own.area_m2 // 2_000_000), max(99, own.length_cm // 2_000_000), 1, 1, 1, 1)
    values = [getattr(own, name) for name in own.__slots__]
    nudged = dict(
        zip(own.__slots__, (v + s * k for v, s, k in zip(values, signs, slack, strict=True)), strict=True)
    )
    try:
        figures = replace(own, **nudged)
    except Refused:
        reject()
    assert differences([place], [EchoPlace(place=place, figures=figures)]) == ()


# ------------------------------------------------------------------ every number counts


NUMBERS = {"radius_cm", "half_width_cm", "cm", "from_ms", "until_ms"}


@st.composite
def altered(draw: st.DrawFn) -> tuple[Place, Place, str, int]:
    """A place, the same with one whole number changed, which it was, and by how much."""
    place = draw(any_places())
    members = json.loads(json.dumps(place_members(place)))
    slots: list[tuple[dict[str, int] | list[int], str | int, str]] = []

    def walk(node: dict[str, int] | list[int], under: str) -> None:
        for key, inner in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(inner, dict | list):
                walk(inner, key if isinstance(key, str) else under)
            elif isinstance(inner, int):
                slots.append((node, key, key if isinstance(key, str) else under))

    walk(members, "")
    holder, key, name = draw(st.sampled_from(slots))
    by = draw(st.sampled_from([1, -1, 7, -1_000, 123_456]))
    holder[key] += by  # type: ignore[index,call-overload]
    try:
        other = place_of(members)
    except Refused:
        reject()
    return place, other, name, by


@settings(max_examples=400)
@given(case=altered())
def test_any_one_number_that_is_altered_is_found_and_its_size_told(
    case: tuple[Place, Place, str, int],
) -> None:
    sent, other, name, by = case
    found = only(sent, other)
    if name in NUMBERS:
        assert found.by is not None
        assert found.by == pytest.approx(by / (1000 if name.endswith("_ms") else 100))
        assert found.unit == ("s" if name.endswith("_ms") else "m")
    else:
        assert found.what is What.POSITION
        assert found.by == pytest.approx(moved_m(sent, other), abs=1e-6)


def moved_m(sent: Place, other: Place) -> float:
    """How far the one position that differs has moved, by geographiclib."""
    for one, two in zip(grid_of(sent), grid_of(other), strict=True):
        if one != two:
            ends = [angle / 1e7 for where in (one, two) for angle in (where.latitude_e7, where.longitude_e7)]
            return Geodesic.WGS84.Inverse(*ends)["s12"]
    raise AssertionError("no position differs")


def grid_of(place: Place) -> list[GridPosition]:
    match place.shape:
        case PointShape():
            return [place.shape.at]
        case CircleShape():
            return [place.shape.centre]
        case PolygonShape():
            return [corner for ring in place.shape.rings for corner in ring]
        case CorridorShape():
            return list(place.shape.line)


# ------------------------------------------------------------------ places that went astray


def test_a_place_that_did_not_come_back_and_one_that_was_not_sent_are_named() -> None:
    missing, extra = differences([TANF, BOX], [plotted(TANF), plotted(ROUTE)])
    assert (missing.what, missing.place) == (What.MISSING, "BOX")
    assert (extra.what, extra.place) == (What.EXTRA, "ROUTE")
    assert extra.words == "Place 'ROUTE': it came back, and was not sent."


def test_a_place_that_came_back_under_another_name_is_found_by_its_shape() -> None:
    found = differences([BOX, TANF], [plotted(replace(TANF, name="TANF 56")), plotted(BOX)])
    assert [each.what for each in found] == [What.NAME]
    assert "under the name 'TANF 56'" in found[0].words


def test_two_places_of_one_shape_are_told_apart_by_name() -> None:
    twin = replace(TANF, name="TWIN")
    assert differences([TANF, twin], [plotted(twin), plotted(TANF)]) == ()
    (found,) = differences([TANF, twin], [plotted(twin)])
    assert (found.what, found.place) == (What.MISSING, "TANF 55")


def test_another_kind_of_shape_is_named_and_nothing_else_of_it() -> None:
    found = only(SPOT, replace(SPOT, shape=CircleShape(centre=at(-33.5, 150.25), radius_cm=100)))
    assert found.what is What.SHAPE
    assert found.words == "Place 'SPOT': it came back as a circle, and was sent as a point."


# ------------------------------------------------------------------ positions


def test_a_position_that_moved_is_told_with_distance_and_bearing() -> None:
    found = only(SPOT, replace(SPOT, shape=PointShape(at=at(-33.51, 150.25))))
    assert (found.what, found.reason) == (What.POSITION, None)
    assert found.by == pytest.approx(1109.1, abs=0.1)
    assert "1.109 km away, towards 180 degrees, at -33.5100000, 150.2500000" in found.words
    near = only(SPOT, replace(SPOT, shape=PointShape(at=at(-33.5, 150.2499999))))
    assert "0.009 m away, towards 270 degrees" in near.words


def test_a_bearing_just_west_of_north_is_called_000() -> None:
    found = only(SPOT, replace(SPOT, shape=PointShape(at=at(-33.4, 150.2498))))
    assert "towards 000 degrees" in found.words


def test_a_corner_that_moved_is_told_by_its_ring_and_number() -> None:
    corners = list(line((33, 38), (33, 39), (34, 39), (34.1, 38)))
    found = only(BOX, replace(BOX, shape=PolygonShape(rings=(tuple(corners),))))
    assert "position 4 of the outer ring came back" in found.words
    inner = line((33.4, 38.4), (33.4, 38.6), (33.6, 38.6))
    moved = (inner[0], inner[1], at(33.6, 38.5))
    outer = line((33, 38), (33, 39), (34, 39), (34, 38))
    one, other = (replace(BOX, shape=PolygonShape(rings=(outer, hole))) for hole in (inner, moved))
    assert "position 3 of hole 1 came back" in only(one, other).words
    lost = only(one, BOX)
    assert (lost.what, lost.by, lost.unit) == (What.COUNT, -1, "rings")


def test_a_ring_that_starts_elsewhere_is_another_ring() -> None:
    corners = line((33, 39), (34, 39), (34, 38), (33, 38))
    found = differences([BOX], [plotted(replace(BOX, shape=PolygonShape(rings=(corners,))))])
    assert len(found) == 4


def test_a_position_left_out_is_told_with_how_many_came_back() -> None:
    assert isinstance(ROUTE.shape, CorridorShape)
    shorter = CorridorShape(line=ROUTE.shape.line[:2], half_width_cm=250_000)
    found = only(ROUTE, replace(ROUTE, shape=shorter))
    assert (found.what, found.by, found.unit) == (What.COUNT, -1, "positions")
    assert found.words == (
        "Place 'ROUTE': 2 positions of the line came back, and 3 were sent; the first 2 are the same."
    )
    other = CorridorShape(line=line((0, 0), *((33, 38), (33.5, 38.5), (33.25, 39.5))), half_width_cm=250_000)
    assert only(ROUTE, replace(ROUTE, shape=other)).words.endswith("came back, and 3 were sent.")


def test_latitude_and_longitude_swapped_are_named() -> None:
    found = only(TANF, centred(TANF, at(38.6178, 33.4967)))
    assert found.reason is Reason.SWAPPED
    assert "looks like latitude and longitude swapped" in found.words


@pytest.mark.parametrize("signs", [(-1, 1), (1, -1), (-1, -1)])
def test_a_sign_that_was_lost_is_named_as_another_hemisphere(signs: tuple[int, int]) -> None:
    found = only(SPOT, replace(SPOT, shape=PointShape(at=at(-33.5 * signs[0], 150.25 * signs[1]))))
    assert found.reason is Reason.HEMISPHERE
    assert "this looks like another hemisphere" in found.words


def test_one_mistake_made_with_every_position_is_said_once() -> None:
    swapped = tuple(
        GridPosition(latitude_e7=corner.longitude_e7, longitude_e7=corner.latitude_e7)
        for corner in grid_of(BOX)
    )
    found = only(BOX, replace(BOX, shape=PolygonShape(rings=(swapped,))))
    assert found.reason is Reason.SWAPPED
    assert "each of its 4 positions came back elsewhere" in found.words
    farthest_m = max(
        Geodesic.WGS84.Inverse(
            one.latitude_e7 / 1e7, one.longitude_e7 / 1e7, other.latitude_e7 / 1e7, other.longitude_e7 / 1e7
        )["s12"]
        for one, other in zip(grid_of(BOX), swapped, strict=True)
    )
    assert found.by == pytest.approx(farthest_m)


def test_the_two_ways_to_write_the_antimeridian_are_one_place_and_still_told() -> None:
    sent = replace(SPOT, shape=PointShape(at=at(10, 180)))
    found = only(sent, replace(SPOT, shape=PointShape(at=at(10, -180))))
    assert (found.by, found.reason) == (0.0, None)
    assert "came back as 10.0000000, -180.0000000, which is where 10.0000000, 180.0000000 is" in found.words


# ------------------------------------------------------------------ lengths


@pytest.mark.parametrize(
    ("sent_cm", "echoed_cm", "words"),
    [
        (5_556_000, 3_000_000, "nautical miles read as kilometres"),
        (3_000_000, 5_556_000, "kilometres read as nautical miles"),
        (5_471_770, 3_400_000, "statute miles read as kilometres"),
        (5_471_770, 6_296_800, "statute miles read as nautical miles"),
        (137_160, 450_000, "feet read as metres"),
    ],
)
def test_a_radius_in_another_unit_is_named(sent_cm: int, echoed_cm: int, words: str) -> None:
    found = only(with_radius(sent_cm), with_radius(echoed_cm))
    assert (found.what, found.reason) == (What.LENGTH, Reason.UNIT)
    assert found.by == (echoed_cm - sent_cm) / 100
    assert found.words.endswith(f"this looks like {words}.")


def test_a_radius_that_differs_by_no_known_ratio_is_told_without_a_guess() -> None:
    found = only(TANF, with_radius(5_500_100))
    assert (found.by, found.reason) == (1.0, None)
    assert found.words == (
        "Place 'TANF 55': the radius came back as 55,001.00 m, by +1.00 m from the 55,000.00 m that were sent."
    )


def test_a_half_width_is_told_as_one() -> None:
    assert isinstance(ROUTE.shape, CorridorShape)
    wider = CorridorShape(line=ROUTE.shape.line, half_width_cm=500_000)
    found = only(ROUTE, replace(ROUTE, shape=wider))
    assert (found.what, found.by) == (What.LENGTH, 2_500.0)
    assert "the half-width came back as 5,000.00 m" in found.words


# ------------------------------------------------------------------ heights


def upper(height_cm: int, datum: Datum = Datum.MSL) -> Place:
    return replace(TANF, upper=Height(height_cm=height_cm, datum=datum))


@pytest.mark.parametrize(
    ("sent_cm", "echoed_cm", "words"),
    [
        (137_160, 450_000, "feet read as metres"),
        (137_160, 449_880, "feet read as metres"),
        (450_000, 137_160, "metres read as feet"),
    ],
)
def test_feet_and_metres_taken_for_one_another_are_named(sent_cm: int, echoed_cm: int, words: str) -> None:
    found = only(upper(sent_cm), upper(echoed_cm))
    assert (found.what, found.reason, found.unit) == (What.HEIGHT, Reason.UNIT, "m")
    assert found.by == (echoed_cm - sent_cm) / 100
    assert found.words.endswith(f"this looks like {words}.")


def test_a_height_in_the_ratio_of_miles_is_not_taken_for_one_in_miles() -> None:
    found = only(upper(100_000), upper(185_200))
    assert found.reason is None
    assert found.words == (
        "Place 'TANF 55': the upper height came back 852.00 m higher, as 1,852.00 m above msl, and was sent as "
        "1,000.00 m above msl."
    )
    assert "900.00 m lower" in only(upper(100_000), upper(10_000)).words


def test_another_datum_is_told_and_so_is_another_height_beside_it() -> None:
    found = only(upper(450_000), upper(450_000, Datum.HAE))
    assert (found.what, found.by) == (What.DATUM, None)
    assert "came back above hae, and was sent above msl" in found.words
    both = differences([upper(450_000)], [plotted(upper(450_100, Datum.HAE))])
    assert [each.what for each in both] == [What.DATUM, What.HEIGHT]


def test_a_height_that_was_lost_or_made_up_is_told() -> None:
    found = only(TANF, replace(TANF, lower=None))
    assert (found.what, found.by, found.unit) == (What.HEIGHT, None, "")
    assert "the lower height came back as not stated, and was sent as 0.00 m above agl" in found.words
    assert "was sent as not stated" in only(replace(TANF, lower=None), TANF).words


# ------------------------------------------------------------------ times


@pytest.mark.parametrize(
    ("by_s", "reason"),
    [
        (3 * 3600, Reason.TIME_ZONE),
        (-14 * 3600, Reason.TIME_ZONE),
        (12_600, Reason.TIME_ZONE),
        (1_800, None),
        (15 * 3600, None),
        (3_601, None),
        (-0.001, None),
    ],
)
def test_a_time_is_told_by_its_seconds_and_whole_half_hours_as_a_zone(
    by_s: float, reason: Reason | None
) -> None:
    later = replace(TANF, from_time=Instant(START - 86_400_000), until_time=START)
    echoed = replace(later, until_time=Instant(START + round(by_s * 1000)))
    found = only(later, echoed)
    assert (found.what, found.by, found.unit, found.reason) == (What.TIME, by_s, "s", reason)
    assert f"{abs(by_s):,.3f} s {'later' if by_s > 0 else 'earlier'}" in found.words
    assert ("another time zone" in found.words) == (reason is not None)


def test_a_start_that_was_lost_is_told_without_a_size() -> None:
    found = only(TANF, replace(TANF, from_time=None))
    assert (found.what, found.by, found.unit) == (What.TIME, None, "")
    assert "the start came back as not stated, and was sent as 2018-09-06T00:00:00.000Z" in found.words


# ------------------------------------------------------------------ figures


@pytest.mark.parametrize(
    ("name", "by", "unit", "told"),
    [
        ("area_m2", 20_000, "m2", 20_000),
        ("length_cm", -400, "m", -4.0),
        ("north_e7", 2, "deg", 2e-7),
        ("south_e7", -2, "deg", -2e-7),
        ("east_e7", 3, "deg", 3e-7),
        ("west_e7", -3, "deg", -3e-7),
    ],
)
def test_figures_of_another_plot_are_told_one_by_one(name: str, by: int, unit: str, told: float) -> None:
    figures = replace(KEPT_FIGURES, **{name: getattr(KEPT_FIGURES, name) + by})
    (found,) = differences([TANF], [EchoPlace(place=TANF, figures=figures)])
    assert (found.what, found.unit) == (What.FIGURE, unit)
    assert found.by == pytest.approx(told)
    assert "from the sender's own plot of the same numbers" in found.words


def test_figures_that_are_off_by_little_more_than_their_tolerance_are_told() -> None:
    for name, slack in (("area_m2", KEPT_FIGURES.area_m2 * 1e-6), ("length_cm", 100.0), ("north_e7", 1.0)):
        at_slack, past = math.floor(slack), math.floor(slack) + 1
        for by, told in ((at_slack, 0), (past, 1)):
            figures = replace(KEPT_FIGURES, **{name: getattr(KEPT_FIGURES, name) + by})
            assert len(differences([TANF], [EchoPlace(place=TANF, figures=figures)])) == told


def test_longitudes_on_either_side_of_the_antimeridian_are_near_one_another() -> None:
    place = replace(BOX, shape=PolygonShape(rings=(line((10, 170), (20, 170), (20, 180), (10, 180)),)))
    own = plotted(place).figures
    assert own.east_e7 == 1_800_000_000
    assert differences([place], [EchoPlace(place=place, figures=replace(own, east_e7=-1_799_999_999))]) == ()
    (found,) = differences([place], [EchoPlace(place=place, figures=replace(own, east_e7=-1_799_999_000))])
    assert found.by == pytest.approx(1e-4)


def test_longitudes_are_not_compared_where_a_place_reaches_a_pole() -> None:
    place = replace(TANF, shape=CircleShape(centre=at(89.9, 10), radius_cm=5_500_000))
    echo = plotted(place)
    other = replace(echo, figures=replace(echo.figures, east_e7=5, west_e7=-5))
    assert differences([place], [other]) == ()


# ------------------------------------------------------------------ reading echoes


def test_an_echo_without_figures_or_with_more_is_refused_by_name() -> None:
    content = json.loads(json.dumps(echo_content([plotted(TANF)])))
    without = {"places": [{key: value for key, value in content["places"][0].items() if key != "figures"}]}
    with pytest.raises(Refused, match="lacks the member 'figures'"):
        echoes_of(without)
    content["places"][0]["more"] = 1
    with pytest.raises(Refused, match="place 'TANF 55': echo has members that are not known here: more"):
        echoes_of(content)


def test_an_echo_of_nothing_is_refused() -> None:
    for content in ({"places": []}, {"places": [], "more": 1}, {}, None):
        with pytest.raises(Refused):
            echoes_of(content)
    with pytest.raises(Refused, match="names 0 places"):
        echo_content([])
