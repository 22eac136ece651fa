"""The conversation about partners, turn by turn through the real engine and database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bot.conversation import House
from bot.talk import Heard
from bot.talk.commands import Command, Commands
from bot.text import Reader, _, decode, p_, plain
from bot.turn import Hearing
from handlers.partners import partners
from handlers.partners.cards import last_seen, shortened
from handlers.partners.filters import Named, named
from storage.database import Database
from storage.matching.rows import touch
from storage.models import Account, Base, Person, School, Suggestion, Teacher, TeacherLanguage, TeacherSubject, Wish
from storage.models.teachers import VERIFIED
from storage.partners import Wishes, myself
from storage.post import Parcel
from storage.teachers import set_looking
from tests.vault import VAULT

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ISOLATES = str.maketrans("", "", "\u2068\u2069")
AMINA = 1


@dataclass
class Shown:
    text: str
    buttons: dict[str, str]


class Window:
    """One chat with the bot: what it shows, message by message, edits in their place."""

    def __init__(self, database: Database, sender: str = "amina", language: str = "en") -> None:
        self.database, self.sender, self.reader = database, sender, Reader(language)
        command = Command("partners", partners, "anyone", _("Partners"), p_("button", "Find partners"), _("Example"))
        self.house = House(Commands([command]))
        self.messages: dict[int, Shown] = {}
        self._turns = count(1)
        self.told: list[Parcel] = []

    def says(self, text: str) -> str:
        return self._turn(Heard(self.sender, self.sender, text=text))

    def presses(self, label: str) -> str:
        return self._turn(Heard(self.sender, self.sender, press=self.last.buttons[label]))

    @property
    def last(self) -> Shown:
        return list(self.messages.values())[-1]

    def _turn(self, heard: Heard) -> str:
        key = f"{self.sender}.{next(self._turns)}"
        house, now = self.house, NOW
        parcels = self.database.do(lambda s: Hearing(house, s, "terminal", heard, key=key, now=now).run())
        self.told += [parcel for parcel in parcels if parcel.chat != self.sender]
        for parcel in parcels:
            if parcel.chat != self.sender:
                continue
            self.messages[parcel.payload.get("edits", parcel.id)] = self._shown(parcel.payload)
        return self.last.text

    def _shown(self, payload: dict[str, Any]) -> Shown:
        buttons = [*payload.get("options", []), *payload.get("controls", [])]
        text = plain(decode(payload["body"]), self.reader).translate(ISOLATES)
        return Shown(
            text, {plain(decode(label), self.reader).translate(ISOLATES): press for label, press, _ in buttons}
        )


def add(
    session: Session,
    person: int,
    country: str = "FR",
    subjects: str = "biology",
    languages: str = "en",
    ages: tuple[int, int] = (11, 13),
    wish: str = "",
    days: int = 0,
    wished: tuple[str, ...] = (),
) -> None:
    """Put in a teacher with a school of their own."""
    seen = NOW - timedelta(days=days)
    session.execute(insert(Person).values(id=person, language="en", created_at=seen, active_at=seen))
    session.execute(
        insert(School).values(
            id=person, country=country, name=f"School {person}", town=f"Town {person}", level="primary", created_at=seen
        )
    )
    session.execute(
        insert(Teacher).values(
            person_id=person,
            name=f"Teacher {person}",
            country=country,
            school_id=person,
            ages_from=ages[0],
            ages_to=ages[1],
            wish=wish,
            registered_at=NOW - timedelta(days=400),
            active_at=seen,
            status=VERIFIED,
        )
    )
    session.execute(insert(TeacherSubject), [{"person_id": person, "code": code} for code in subjects.split()])
    session.execute(insert(TeacherLanguage), [{"person_id": person, "code": code} for code in languages.split()])
    if wished:
        values = {"countries": list(wished), "subjects": [], "languages": [], "ages_from": None, "ages_to": None}
        session.execute(insert(Wish).values(person_id=person, **values))
    touch(session, person)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'test.db'}", VAULT)
    Base.metadata.create_all(opened.engine)
    opened.do(_first_people)
    yield opened
    opened.close()


def _first_people(session: Session) -> None:
    add(session, AMINA, "PL", "biology", "en fr")
    session.execute(insert(Account).values(person_id=AMINA, platform="terminal", external_id="amina"))


def fill(database: Database, people: int, **what: Any) -> None:
    """Add so many teachers after those who are there."""
    first = database.do(lambda s: max(s.scalars(select(Teacher.person_id)))) + 1
    for person in range(first, first + people):
        database.do(partial(add, person=person, **what))


def wishes(database: Database) -> Wishes:
    me = database.do(lambda session: myself(session, AMINA))
    assert me is not None
    return me.wishes


def schools(text: str) -> list[str]:
    """The schools of the cards, each with its number, as they stand."""
    return [line for line in text.split("\n") if ". School " in line]


def test_a_stranger_is_sent_to_register(database: Database) -> None:
    ines = Window(database, "ines")
    assert "Registering takes about two minutes" in ines.says("/partners")
    assert "Register" in ines.last.buttons


def test_a_card_says_who_where_what_and_why(database: Database) -> None:
    fill(
        database,
        1,
        country="GR",
        subjects="biology music",
        languages="fr el",
        ages=(12, 15),
        wish="We count the birds of our bay\nand look for another bay.",
        days=3,
        wished=("PL",),
    )
    text = Window(database).says("/partners")
    for part in (
        "1 teacher fits.",
        "1. School 2",
        "🇬🇷 Town 2, Greece · here this week",
        "Biology, Music · Greek, French · ages: 12–15",
        "“We count the birds of our bay and look for another bay.”",
        "You both teach: Biology",
        "You both work in: French",
        "Ages that fit: 12–13",
        "Looks for partners in: Poland",
        "That is everyone for now.",
    ):
        assert part in text
    assert "Teacher 2" not in text


def test_five_at_a_time_and_in_place(database: Database) -> None:
    fill(database, 12)
    amina = Window(database)
    first = amina.says("/partners")
    assert "12 teachers fit." in first
    assert [line.split(".")[0] for line in schools(first)] == ["1", "2", "3", "4", "5"]
    assert "everyone" not in first
    assert "Previous" not in amina.last.buttons
    second = amina.presses("More")
    assert [line.split(".")[0] for line in schools(second)] == ["6", "7", "8", "9", "10"]
    third = amina.presses("More")
    assert len(schools(third)) == 2
    assert "That is everyone for now." in third
    assert "More" not in amina.last.buttons
    names = [line.split(". ")[1] for text in (first, second, third) for line in schools(text)]
    assert sorted(names) == sorted(f"School {person}" for person in range(2, 14))
    assert amina.presses("Previous") == second
    assert amina.presses("More") == third
    assert len(amina.messages) == 1


def test_what_is_written_is_answered_below(database: Database) -> None:
    fill(database, 12)
    amina = Window(database)
    amina.says("/partners")
    assert schools(amina.says("more"))[0].startswith("6.")
    assert len(amina.messages) == 2
    assert not next(iter(amina.messages.values())).buttons


def test_the_command_again_shows_the_list_below(database: Database) -> None:
    fill(database, 7)
    amina = Window(database)
    first = amina.says("/partners")
    assert amina.says("/partners") == first
    assert len(amina.messages) == 2


def test_another_time_there_are_others(database: Database) -> None:
    fill(database, 7)
    amina = Window(database)
    first = schools(amina.says("/partners"))
    amina.says("cancel")
    second = schools(amina.says("/partners"))
    assert (len(first), len(second)) == (5, 2)
    assert len({line.split(". ")[1] for line in first + second}) == 7


def test_who_was_seen_comes_back_when_asked_for(database: Database) -> None:
    fill(database, 6)
    amina = Window(database)
    first = schools(amina.says("/partners"))
    amina.presses("More")
    amina.says("cancel")
    text = amina.says("/partners")
    assert "You have seen everyone who fits." in text
    assert "6 teachers fit." in text
    again = amina.presses("Seen before")
    assert "Suggested to you before" in again
    assert len(schools(again)) == 5
    more = schools(amina.presses("More"))
    assert {line.split(". ")[1] for line in first} <= {line.split(". ")[1] for line in schools(again) + more}
    assert "You have seen everyone" in amina.presses("New suggestions")


def test_one_of_them_is_put_off_or_declined(database: Database) -> None:
    fill(database, 4)
    amina = Window(database)
    amina.says("/partners")
    one, two = list(amina.last.buttons)[:2]
    text = amina.presses(one)
    assert "School" in text
    assert {"Interesting", "Later", "Not for me", "Back to the list"} <= set(amina.last.buttons)
    assert len(schools(amina.presses("Back to the list"))) == 4
    amina.presses(one)
    text = amina.presses("Later")
    assert "Put off" in text
    assert len(schools(text)) == 3
    later = amina.presses("Later")
    assert "Put off until later" in later
    assert one.split()[-1] in later
    amina.presses("New suggestions")
    amina.says("cancel")
    amina.says("/partners")
    amina.presses("Seen before")
    place = next(label for label in amina.last.buttons if label.endswith(two.split()[-1]))
    amina.presses(place)
    assert "What does not fit?" in amina.presses("Not for me")
    assert "I will not suggest this school to you again." in amina.presses("Ages do not fit")
    marks = database.do(lambda s: s.execute(select(Suggestion.mark, Suggestion.reason)).all())
    assert sorted(filter(any, map(tuple, marks)), key=str) == [("later", None), ("no", "ages")]
    amina.says("cancel")
    assert "3 teachers fit." in amina.says("/partners")


def test_two_who_find_each_other_interesting_hear_it_at_once(database: Database) -> None:
    fill(database, 1, country="GR")
    ines = next(iter(range(2, 3)))
    database.do(
        lambda s: s.execute(insert(Account).values(person_id=ines, platform="terminal", external_id="ines")).close()
    )
    amina, other = Window(database), Window(database, "ines")
    amina.says("/partners")
    amina.presses(next(iter(amina.last.buttons)))
    assert "If they find your school interesting too" in amina.presses("Interesting")
    other.says("/partners")
    other.presses(next(iter(other.last.buttons)))
    text = other.presses("Interesting")
    assert "They find your school interesting too!" in text
    told = [parcel for parcel in other.told if parcel.chat == "amina"]
    assert len(told) == 1
    words = plain(decode(told[0].payload["body"]), amina.reader).translate(ISOLATES)
    assert "finds yours interesting too" in words
    assert "School 2" in words
    # Saying it twice tells nobody twice.
    other.presses(next(iter(other.last.buttons)))
    other.presses("Interesting")
    assert len([parcel for parcel in other.told if parcel.chat == "amina"]) == 1


def test_filters_are_tapped_away_one_by_one(database: Database) -> None:
    fill(database, 6, country="FR")
    fill(database, 6, country="GR")
    amina = Window(database)
    assert "6 teachers fit." in amina.says("/partners Greece, Poland, biology, 11-12")
    assert {"✕ Greece", "✕ Poland", "✕ Biology", "✕ 11–12"} <= set(amina.last.buttons)
    amina.presses("✕ Poland")
    assert wishes(database) == Wishes(("GR",), ("biology",), ages=(11, 12))
    amina.presses("✕ 11–12")
    amina.presses("✕ Biology")
    assert "12 teachers fit." in amina.presses("✕ Greece")
    assert wishes(database) == Wishes()


def test_a_filter_is_changed_in_place_and_remembered(database: Database) -> None:
    fill(database, 6, country="FR")
    fill(database, 6, country="GR")
    amina = Window(database)
    amina.says("/partners")
    amina.presses("Filters")
    assert "Which countries" in amina.presses("Country")
    assert "Any country" in amina.last.buttons
    assert len(amina.messages) == 1
    text = amina.says("Grece")
    assert "Looking for: Greece" in text
    assert "6 teachers fit." in text
    assert wishes(database) == Wishes(countries=("GR",))
    assert "Looking for: Greece" in amina.says("/partners")
    amina.presses("Filters")
    amina.presses("Country")
    assert "12 teachers fit." in amina.presses("Any country")
    assert wishes(database) == Wishes()
    assert "Clear filters" not in amina.last.buttons


def test_back_leaves_a_filter_as_it_was(database: Database) -> None:
    fill(database, 6)
    amina = Window(database)
    first = amina.says("/partners")
    amina.presses("Filters")
    amina.presses("Subject")
    amina.presses("Back")
    assert amina.presses("Back") == first


@pytest.mark.parametrize(
    ("button", "answer", "wanted"),
    [
        ("Subject", "music", Wishes(subjects=("music",))),
        ("Language", "français", Wishes(languages=("fr",))),
        ("Ages", "10-12", Wishes(ages=(10, 12))),
        ("Country", "any", Wishes()),
        ("Ages", "any", Wishes()),
        ("Kind of school", "primary, vocational", Wishes(levels=("primary", "vocational"))),
        ("Project", "pen pals", Wishes(kinds=("letters",))),
        ("Project", "any", Wishes()),
    ],
)
def test_each_filter_is_kept_as_a_wish(database: Database, button: str, answer: str, wanted: Wishes) -> None:
    fill(database, 6)
    amina = Window(database)
    amina.says("/partners")
    amina.presses("Filters")
    amina.presses(button)
    assert "Partners for you" in amina.says(answer)
    assert wishes(database) == wanted


def test_all_in_one_line(database: Database) -> None:
    fill(database, 6, country="GR", subjects="music", ages=(10, 11))
    amina = Window(database)
    text = amina.says("/partners Greece, music, 10-12")
    assert "Looking for: Greece · Music · ages: 10–12" in text
    assert len(schools(text)) == 5
    assert wishes(database) == Wishes(countries=("GR",), subjects=("music",), ages=(10, 12))
    assert "Looking for: Poland, Portugal · Music · ages: 10–12" in amina.says("Poland and Portugal")
    assert amina.presses("Clear filters").startswith("Partners for you")
    assert wishes(database) == Wishes()


def test_what_is_not_understood_is_said(database: Database) -> None:
    fill(database, 6)
    amina = Window(database)
    assert "I did not understand: xyzzy" in amina.says("/partners xyzzy, France")
    assert wishes(database) == Wishes(countries=("FR",))
    assert "write what you look for" in amina.says("qwertz")
    assert wishes(database) == Wishes(countries=("FR",))


def test_a_country_that_takes_no_part_is_named_and_so_are_those_near(database: Database) -> None:
    fill(database, 6, country="AT")
    amina = Window(database)
    text = amina.says("/partners Switzerland, biology")
    assert "Does not take part in eTwinning: Switzerland" in text
    assert "Near it: Austria, Germany, France, Italy, Liechtenstein" in text
    assert wishes(database) == Wishes(subjects=("biology",))
    assert {"+ Austria", "+ France"} <= set(amina.last.buttons)
    assert "6 teachers fit." in amina.presses("+ Austria")
    assert wishes(database) == Wishes(("AT",), ("biology",))
    assert "+ France" not in amina.last.buttons
    text = amina.says("Australia")
    assert "Does not take part in eTwinning: Australia" in text
    assert wishes(database) == Wishes(("AT",), ("biology",))


def test_four_thousand_characters_and_pictures_alone(database: Database) -> None:
    fill(database, 6)
    amina = Window(database)
    amina.says("/partners")
    assert "write what you look for" in amina.says("lorem ipsum " * 333)
    for words in ("🎈🎉😀", "👩‍🏫", "❤️ " * 500):
        assert amina.says(words).startswith("Partners for you")
    assert wishes(database) == Wishes()
    assert "Looking for: Greece" in amina.says("Greece " * 500)


def test_too_few_says_what_to_loosen(database: Database) -> None:
    fill(database, 6, country="FR", subjects="music")
    fill(database, 2, country="GR", subjects="music")
    fill(database, 3, country="GR", subjects="art")
    amina = Window(database)
    text = amina.says("/partners Greece, music")
    assert "2 teachers fit." in text
    assert text.index("Any country: 8") < text.index("Any subject: 5")
    assert "The narrowest filter: Country" in text
    assert "8 teachers fit." in amina.presses("Any country")
    assert wishes(database) == Wishes(subjects=("music",))


def test_nobody_is_no_dead_end(database: Database) -> None:
    amina = Window(database)
    text = amina.says("/partners")
    assert "Nobody fits yet." in text
    assert "Tell them about me" in text
    assert "Filters" in amina.last.buttons


def test_two_filters_that_only_help_together(database: Database) -> None:
    fill(database, 6, country="FR", subjects="art")
    amina = Window(database)
    assert "Clear filters: 6" in amina.says("/partners Greece, music")
    assert "6 teachers fit." in amina.presses("Clear filters")


def test_somebody_who_leaves_between_two_pages(database: Database) -> None:
    fill(database, 6)
    amina = Window(database)
    amina.says("/partners")
    for person in range(2, 8):
        database.do(partial(set_looking, person=person, looking=False))
    text = amina.presses("More")
    assert not schools(text)
    assert "Nobody fits yet." in text


def test_other_languages_are_read(database: Database) -> None:
    fill(database, 6, country="GR")
    amina = Window(database)
    assert "Looking for: Greece · Greek · ages: 10–12" in amina.says("/partners Grecja; grecki; ١٠-١٢")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Greece", Named({"countries": ["GR"]})),
        ("german", Named({"languages": ["de"]})),
        ("Germany", Named({"countries": ["DE"]})),
        ("Poland or Greece, 10", Named({"countries": ["PL", "GR"]}, (10, 10))),
        ("Bosnia and Herzegovina", Named({"countries": ["BA"]})),
        ("music and art in France", Named({"subjects": ["music", "art"], "countries": ["FR"]})),
        ("12 to 10, biology", Named({"subjects": ["biology"]}, (10, 12))),
        ("Ukraine 9, 10 lat", Named({"countries": ["UA"]}, (9, 10))),
        ("someone in Greece for a music project", Named({"countries": ["GR"], "subjects": ["music"]})),
        ("looking for mathmatics in Grece", Named({"subjects": ["mathematics"], "countries": ["GR"]})),
        ("szukam klasy z Grecji", Named({"countries": ["GR"]})),
        (
            "someone in Greece for a music project with 10 year olds",
            Named({"countries": ["GR"], "subjects": ["music"]}, (10, 10)),
        ),
        (
            "looking for a primary school in Italy, letters in English, 8-9",
            Named({"levels": ["primary"], "countries": ["IT"], "kinds": ["letters"], "languages": ["en"]}, (8, 9)),
        ),
        ("art in Norway with a class of 24", Named({"subjects": ["art"], "countries": ["NO"]})),
        (
            "ktoś z Grecji do projektu muzycznego z 10-latkami",
            Named({"countries": ["GR"], "subjects": ["music"]}, (10, 10)),
        ),
        (
            "szukam szkoły podstawowej we Włoszech, listy po angielsku, dzieci 8-9 lat",
            Named({"levels": ["primary"], "countries": ["IT"], "kinds": ["letters"], "languages": ["en"]}, (8, 9)),
        ),
        (
            "liceum we Francji albo w Niemczech, wymiana listów po francusku",
            Named({"levels": ["upper_secondary"], "countries": ["FR", "DE"], "kinds": ["letters"]}),
        ),
        (
            "matematyka i fizyka z Czech, 14-16 lat",
            Named({"subjects": ["mathematics", "physics"], "countries": ["CZ"]}, (14, 16)),
        ),
        ("chcemy rozmawiać po hiszpańsku", Named({"languages": ["es"]})),
        (
            "معلم في اليونان لمشروع موسيقى مع تلاميذ عمرهم ١٠ سنوات",
            Named({"countries": ["GR"], "kinds": ["arts"]}, (10, 10)),
        ),
        (
            "مدرسة ابتدائية في إيطاليا، رسائل بالإنجليزية",
            Named({"levels": ["primary"], "countries": ["IT"], "kinds": ["letters"], "languages": ["en"]}),
        ),
        (
            "quelqu’un en Grèce pour un projet de musique avec des élèves de 10 ans",
            Named({"countries": ["GR"], "subjects": ["music"]}, (10, 10)),
        ),
        ("someone in Switzerland for music", Named({"subjects": ["music"]}, outside=["CH"])),
        ("Szwajcaria, Brazil", Named(outside=["CH", "BR"])),
        ("we want to do something nice", Named(unknown=["we want to do something nice"])),
        ("99 years, 2026", Named(unknown=["99 years", "2026"])),
        ("🎈🎈", Named(unknown=["🎈🎈"])),
        ("", Named()),
    ],
)
def test_a_line_is_read(line: str, found: Named) -> None:
    assert named(line) == found


def test_a_story_is_read_at_its_beginning() -> None:
    assert named("x" * 4000).unknown == ["x" * 300]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "here today"),
        (3, "here this week"),
        (8, "here 1 week ago"),
        (59, "here 8 weeks ago"),
        (60, "here 2 months ago"),
        (364, "here 12 months ago"),
        (900, "here over a year ago"),
    ],
)
def test_when_somebody_was_here_is_told_roughly(days: int, words: str) -> None:
    assert plain(last_seen(NOW - timedelta(days=days), NOW), Reader()) == words


def test_a_long_wish_is_cut_at_a_word() -> None:
    cut = shortened("We sing. " * 40)
    assert len(cut) <= 120
    assert cut.endswith("sing…")
    assert shortened("word" * 100).endswith("…")
    assert shortened(" two \n lines ") == "two lines"
