"""Calendars that any diary reads: iCalendar, RFC 5545."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from twin.city import CityError


@dataclass(frozen=True)
class Event:
    """Something that takes whole days.

    Attributes
    ----------
    id : str
        The same event keeps it, so that a diary that reads a calendar again updates it.
    first, after : date
        First day, and the first one that no longer belongs to it.
    title, text, place : str
    """

    id: str
    first: date
    after: date
    title: str
    text: str = ""
    place: str = ""


def write(path: str | Path, events: Iterable[Event], name: str) -> None:
    """Write a calendar; the same events give the same bytes.

    Raises
    ------
    CityError
        The file cannot be written, or an event ends before it begins.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bxl-twin//trees//EN", f"X-WR-CALNAME:{_text(name)}"]
    for event in events:
        if event.after <= event.first:
            raise CityError(f"event {event.id!r} begins on {event.first} and is over by {event.after}; mend its days")
        lines += [
            "BEGIN:VEVENT",
            f"UID:{event.id}@bxl-twin",
            f"DTSTAMP:{event.first.year:04d}0101T000000Z",
            f"DTSTART;VALUE=DATE:{event.first:%Y%m%d}",
            f"DTEND;VALUE=DATE:{event.after:%Y%m%d}",
            f"SUMMARY:{_text(event.title)}",
            *([f"LOCATION:{_text(event.place)}"] if event.place else []),
            *([f"DESCRIPTION:{_text(event.text)}"] if event.text else []),
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    try:
        Path(path).write_bytes("".join(_folded(line) for line in lines).encode())
    except OSError as error:
        raise CityError(f"{path}: cannot be written ({error.strerror or error}); check space and rights") from error


def _text(words: str) -> str:
    """Words as a calendar holds them: backslash, comma, semicolon and line ends are escaped."""
    for sign in "\\;,":
        words = words.replace(sign, "\\" + sign)
    return words.replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """A line in pieces of at most 75 bytes, none cut within a letter."""
    pieces, piece, size = [], "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > 75:
            pieces.append(piece)
            piece, size = " ", 1
        piece += letter
        size += width
    return "\r\n".join([*pieces, piece]) + "\r\n"
