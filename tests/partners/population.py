"""Fills a database with the fictional schools and teachers, for the tests of suggestions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from storage.fiction import fictional_schools, fictional_teachers
from storage.models import Person, School, Teacher, TeacherLanguage, TeacherSubject, Wish

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def populate(session: Session, teachers: int, schools: int, seed: int = 7) -> None:
    """Put in ``teachers`` at ``schools``; person and school ids are the fictional numbers plus one."""
    places = list(fictional_schools(schools, seed))
    rows: dict[type, list[dict[str, Any]]] = {Person: [], Teacher: [], TeacherSubject: [], TeacherLanguage: [], Wish: []}
    for row in fictional_teachers(teachers, places, seed):
        person, seen = row.number + 1, NOW - timedelta(days=row.last_active_days)
        rows[Person].append({"id": person, "language": "en", "timezone": "UTC", "created_at": seen, "active_at": seen})
        rows[Teacher].append(
            {
                "person_id": person,
                "name": row.name,
                "country": places[row.school].country,
                "school_id": row.school + 1,
                "ages_from": row.youngest,
                "ages_to": row.oldest,
                "wish": row.wish,
                "looking": row.looking,
                "registered_at": seen,
                "active_at": seen,
            }
        )
        rows[TeacherSubject] += [{"person_id": person, "code": code} for code in row.subjects]
        rows[TeacherLanguage] += [{"person_id": person, "code": code} for code in row.languages]
        open_to_any = {"subjects": [], "languages": [], "ages_from": None, "ages_to": None}
        rows[Wish].append({"person_id": person, "countries": list(row.wished_countries), **open_to_any})
    schools_rows = [
        {"id": place.number + 1, "created_at": NOW, "country": place.country, "name": place.name, "town": place.town}
        | {"level": place.level}
        for place in places
    ]
    session.execute(insert(School), schools_rows)
    for table, values in rows.items():
        session.execute(insert(table), values)
