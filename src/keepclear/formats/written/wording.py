"""The English words of questions, answers and faults about what people write.

The codes are what counts: a console says the same in its own language.
"""

from __future__ import annotations

from typing import Final

from keepclear.core.errors import Refused
from keepclear.formats.written.reading import (
    FOUND_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    Ambiguous,
    Answer,
    Certain,
    Fault,
    Question,
    Reading,
    Unreadable,
    V,
)

QUESTIONS: Final = {
    Question.COMMA: "Is the comma inside a number, or between numbers?",
    Question.DASH: "Is the dash a minus sign, or does it stand between two numbers?",
    Question.FRACTION: "Are the figures after the point decimals of a degree, or minutes?",
    Question.ORDER: "Which comes first, latitude or longitude?",
    Question.HEMISPHERE: "On which side of the equator and of the prime meridian is it?",
    Question.GRID_LETTER: "Is the letter the grid's band, or the northern or southern hemisphere?",
    Question.GRID_ZONE: "In which grid zone is it? Write it with its zone and band, such as 37S.",
    Question.GRID_SQUARE: "In which 100 km square is it? Write it with the two letters of the square.",
    Question.DATE_ORDER: "Which number is the day, which the month, which the year?",
    Question.CENTURY: "In which century is the year?",
    Question.ZONE: "By which clock is the time? Write Z for UTC, or the offset, such as +03:00.",
    Question.ZONE_LETTER: "Which clock does the letter mean? Write Z for UTC, or the offset, such as +03:00.",
    Question.MONTH: "In which month and year? Write them out, such as 061200ZSEP18.",
    Question.YEAR: "In which year? Write it out, such as 061200ZSEP18.",
    Question.DAY: "On which day? Write the date and the time, such as 061200ZSEP18.",
    Question.CLOCK: "At what time of the day? Write it with the date, such as 061200ZSEP18.",
    Question.THOUSANDS: "Does the mark part thousands, or does it begin a fraction?",
    Question.UNIT: "In metres or in feet?",
    Question.DATUM: "Measured from what?",
}

ANSWERS: Final = {
    Answer.COMMA_DECIMAL: "inside a number",
    Answer.COMMA_BETWEEN: "between numbers",
    Answer.DASH_MINUS: "a minus sign",
    Answer.DASH_BETWEEN: "between two numbers",
    Answer.FRACTION_DECIMAL: "decimals of a degree",
    Answer.FRACTION_MINUTES: "minutes",
    Answer.LATITUDE_FIRST: "latitude first",
    Answer.LONGITUDE_FIRST: "longitude first",
    Answer.NORTH_EAST: "north and east",
    Answer.NORTH_WEST: "north and west",
    Answer.SOUTH_EAST: "south and east",
    Answer.SOUTH_WEST: "south and west",
    Answer.LETTER_BAND: "the band",
    Answer.LETTER_HEMISPHERE: "the hemisphere",
    Answer.NORTHERN: "north of the equator",
    Answer.SOUTHERN: "south of the equator",
    Answer.DAY_MONTH_YEAR: "day, month, year",
    Answer.MONTH_DAY_YEAR: "month, day, year",
    Answer.YEAR_MONTH_DAY: "year, month, day",
    Answer.CENTURY_20TH: "19..",
    Answer.CENTURY_21ST: "20..",
    Answer.THOUSANDS: "thousands",
    Answer.FRACTION: "a fraction",
    Answer.METRES: "metres",
    Answer.FEET: "feet",
    Answer.ABOVE_SEA: "mean sea level (AMSL)",
    Answer.ABOVE_GROUND: "the ground or water below (AGL)",
    Answer.ABOVE_ELLIPSOID: "the WGS 84 ellipsoid (HAE)",
    Answer.BY_PRESSURE: "1013.25 hPa (STD)",
}

WANTED: Final = {
    Fault.EMPTY: "a text",
    Fault.TOO_LONG: f"at most {TEXT_CHARACTERS_MAX} characters",
    Fault.CHARACTER: "letters, whole digits and the usual marks",
    Fault.TURNED: "a text without characters that turn the direction of digits",
    Fault.FORM: "one of the known forms, such as 33°29'48\"N 038°37'04\"E, 061200ZSEP18 or 12000 ft AMSL",
    Fault.WORD: "only hemispheres, lat, lon and units beside the numbers; the datum is WGS 84",
    Fault.NUMBER: "a number",
    Fault.COUNT: "a latitude and a longitude, of one to three numbers each",
    Fault.UNEQUAL: "as many numbers for the latitude as for the longitude",
    Fault.MARK: "° after degrees, ' after minutes, \" after seconds",
    Fault.FRACTION_PLACE: "a fraction in the last number only",
    Fault.PADDING: "two figures for degrees of latitude and three of longitude, such as 3330N03837E",
    Fault.SIXTIETHS: "minutes and seconds below 60",
    Fault.LATITUDE_RANGE: "a latitude of at most 90 degrees",
    Fault.LONGITUDE_RANGE: "a longitude of at most 180 degrees",
    Fault.SIGN_AND_LETTER: "a sign or the letter of a hemisphere, not both",
    Fault.SAME_AXIS: "one latitude and one longitude",
    Fault.LETTER_AMONG_DIGITS: "a digit",
    Fault.GRID_ZONE: "a grid zone from 01 to 60",
    Fault.GRID_LETTERS: "letters that the grid uses there; I and O are never used",
    Fault.GRID_DIGITS: "an even number of figures, at most ten, half of them easting",
    Fault.GRID_PLACE: "a place in the zone and band that are named",
    Fault.GRID_RANGE: "an easting and a northing that the grid uses",
    Fault.RELATIVE: "a date and a time of their own, not counted from another",
    Fault.MONTH: "the name of a month",
    Fault.DATE: "a day that the calendar has",
    Fault.CLOCK: "a time from 00:00 to 24:00, in whole milliseconds",
    Fault.LEAP_SECOND: "seconds from 00 to 59; leap seconds are not counted",
    Fault.TWELVE_HOUR: "a time of 24 hours",
    Fault.OFFSET: "an offset from UTC of at most 14 hours",
    Fault.YEARS: "a time in the years 1 to 9999",
    Fault.REVERSED: "a start that is not after its end",
    Fault.LEVEL: "FL with two or three figures, A with three, M or S with four (tens of metres, to 20,000 m)",
    Fault.UNIT: "m, km or ft",
    Fault.DATUM: "one of AMSL, AGL, HAE and STD",
    Fault.HEIGHT_RANGE: "a height from 12,000 m below to 100,000 km above",
}


def certain(reading: Reading[V], *, what: str) -> V:
    """The value of a reading that is certain, for where nobody can be asked, such as a command.

    Raises Refused("written.ambiguous") with the question, or Refused("written.unreadable").
    """
    match reading:
        case Certain():
            return reading.value
        case Ambiguous():
            raise Refused("written.ambiguous", f"{what} {reading.found!r}: {QUESTIONS[reading.question]}")
        case Unreadable():
            raise Refused(
                "written.unreadable",
                f"{what}, at character {reading.at + 1}: found {reading.found[:FOUND_CHARACTERS_MAX]!r}, "
                f"must have {WANTED[reading.code]}",
            )
