"""People as of a day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from auditor.core.model import Person, PersonId, UnitCode
from auditor.store.dated_rows import PEOPLE, rows_as_of, rows_of_key


def list_people(connection: Connection, on: date | None = None) -> list[Person]:
    """Return the people in force on a day, by id; `None`: those whose rows stand open."""
    rows = rows_as_of(connection, PEOPLE, on)
    return [Person(id=PersonId(row["id"]), name=row["name"], unit=UnitCode(row["unit"])) for row in rows]


def find_person(connection: Connection, person: str, on: date | None) -> Person | None:
    """Return the person of an id as of a day."""
    rows = rows_of_key(connection, PEOPLE, (person,), on)
    return Person(PersonId(rows[0]["id"]), rows[0]["name"], UnitCode(rows[0]["unit"])) if rows else None


def person_row(person: Person) -> dict[str, str]:
    """Return the register's row of a person."""
    return {"id": person.id, "name": person.name, "unit": person.unit}
