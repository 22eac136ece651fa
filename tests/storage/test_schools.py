"""Schools are found by name or town, whatever the typing, on both databases; near-duplicates are noticed."""

import pytest
from sqlalchemy import func, select

from storage import schools, vocabulary
from storage.database import Database
from storage.latin import bones, numbers, search_words, to_latin, words
from storage.models import School, SchoolWord
from storage.spelling import fold
from tests.storage.conftest import NOW
from tests.vault import VAULT

SCHOOLS = {
    "PT": [("Liceu Camões", "Lisboa"), ("Escola Secundária Gil Vicente", "Lisboa"), ("Escola Luís de Camões", "Braga")],
    "PL": [
        ("Szkoła Podstawowa nr 14", "Gdańsk"),
        ("Szkoła Podstawowa nr 4", "Gdańsk"),
        ("Szkoła Podstawowa nr 14", "Łódź"),
        ("V Liceum Ogólnokształcące", "Gdańsk"),
    ],
    "GR": [("5ο Γυμνάσιο", "Αθήνα"), ("1ο Γενικό Λύκειο", "Ηράκλειο")],
    "UA": [("Гімназія № 21", "Київ"), ("Ліцей № 3", "Чернівці")],
    "BG": [("Гимназия „Иван Вазов“", "Пловдив")],
    "RS": [("Гимназија „Вук Караџић“", "Ниш"), ("Osnovna škola „Nikola Tesla“", "Novi Sad")],
    "MK": [("ООУ „Гоце Делчев“", "Битола")],
    "GE": [("№17 საჯარო სკოლა", "თბილისი")],
    "AM": [("Թիվ 8 դպրոց", "Երևան"), ("Ոստանի դպրոց", "Գորիս")],
    "TN": [("معهد ابن خلدون", "تونس"), ("مدرسة ابن رشد", "مجاز الباب")],
    "IE": [("Gaelscoil Naomh Bríd", "Gaillimh")],
}


@pytest.fixture
def filled(database: Database) -> Database:
    def fill(session: object) -> None:
        for country, named in SCHOOLS.items():
            for name, town in named:
                schools.add_school(session, country, name, town, "primary", now=NOW)  # type: ignore[arg-type]

    database.do(fill)
    return database


def found(database: Database, country: str, text: str, limit: int = 8) -> list[tuple[str, str]]:
    return database.do(
        lambda session: [(s.name, s.town) for s in schools.search_schools(session, country, text, limit)]
    )


QUERIES = [
    ("PT", "Liceu Camoes Lisbona", "Liceu Camões"),
    ("PT", "camoes braga", "Escola Luís de Camões"),
    ("PT", "BRAGA", "Escola Luís de Camões"),
    ("PT", "gil vicnte", "Escola Secundária Gil Vicente"),
    ("PT", "secund vicen", "Escola Secundária Gil Vicente"),
    ("PL", "szkola 14 gdansk", "Szkoła Podstawowa nr 14"),
    ("PL", "gdańsk szkoła nr 014", "Szkoła Podstawowa nr 14"),
    ("PL", "v liceum gdansk", "V Liceum Ogólnokształcące"),
    ("GR", "gymnasio athina", "5ο Γυμνάσιο"),
    ("GR", "5 γυμνασιο", "5ο Γυμνάσιο"),
    ("GR", "iraklio", "1ο Γενικό Λύκειο"),
    ("UA", "Kyiv 21", "Гімназія № 21"),
    ("UA", "гимназия киев", "Гімназія № 21"),
    ("UA", "chernivtsi", "Ліцей № 3"),
    ("BG", "ivan vazov plovdiv", "Гимназия „Иван Вазов“"),
    ("RS", "vuk karadzic", "Гимназија „Вук Караџић“"),
    ("RS", "никола тесла нови сад", "Osnovna škola „Nikola Tesla“"),
    ("MK", "goce delchev bitola", "ООУ „Гоце Делчев“"),
    ("GE", "tbilisi 17", "№17 საჯარო სკოლა"),
    ("AM", "yerevan", "Թիվ 8 դպրոց"),
    ("AM", "vostani", "Ոստանի դպրոց"),
    ("TN", "ibn khaldoun", "معهد ابن خلدون"),
    ("TN", "Tunis", "معهد ابن خلدون"),
    ("TN", "medjez el bab", "مدرسة ابن رشد"),
    ("IE", "galway", "Gaelscoil Naomh Bríd"),
]


def test_schools_are_found_as_people_type(filled: Database) -> None:
    best = {(country, text): found(filled, country, text)[:1] for country, text, _ in QUERIES}
    wrong = {
        (country, text): best[country, text]
        for country, text, name in QUERIES
        if [school for school, _ in best[country, text]] != [name]
    }
    assert wrong == {}


def test_the_number_decides_between_schools_of_a_town(filled: Database) -> None:
    assert found(filled, "PL", "szkola 4 gdansk")[0] == ("Szkoła Podstawowa nr 4", "Gdańsk")
    assert found(filled, "PL", "szkola 14 lodz")[0] == ("Szkoła Podstawowa nr 14", "Łódź")


@pytest.mark.parametrize("text", ["", "   ", "!?", "zzyzx qwrtp", "\x00", "Ω" * 5000, "%", "' or 1=1 --"])
def test_what_means_no_school_finds_none(filled: Database, text: str) -> None:
    assert found(filled, "PL", text) == []


def test_other_countries_are_not_searched(filled: Database) -> None:
    assert found(filled, "PL", "Lisboa") == []
    assert found(filled, "XX", "Lisboa") == []


def test_a_search_gives_no_more_than_its_limit(filled: Database) -> None:
    assert len(found(filled, "PL", "gdansk")) == 3
    assert len(found(filled, "PL", "gdansk", limit=2)) == 2


def test_an_added_school_is_found_at_once(filled: Database) -> None:
    assert found(filled, "PL", "zakopane") == []
    filled.do(lambda s: schools.add_school(s, "PL", "Szkoła Górska", "Zakopane", "primary", now=NOW))
    assert found(filled, "PL", "zakopnae") == [("Szkoła Górska", "Zakopane")]


def test_another_process_adding_a_school_is_noticed(filled: Database, database_url: str) -> None:
    assert found(filled, "PL", "zakopane") == []
    other = Database(database_url, VAULT)
    other.do(lambda s: schools.add_school(s, "PL", "Szkoła Górska", "Zakopane", "primary", now=NOW))
    other.close()
    assert found(filled, "PL", "zakopane") == [("Szkoła Górska", "Zakopane")]


def test_a_school_rolled_back_is_not_found_and_harms_nothing(filled: Database) -> None:
    def add_and_fail(session: object) -> None:
        schools.add_school(session, "PL", "Szkoła Cieni", "Nigdzie", "primary", now=NOW)  # type: ignore[arg-type]
        assert schools.search_schools(session, "PL", "nigdzie")  # type: ignore[arg-type]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        filled.do(add_and_fail)
    assert found(filled, "PL", "nigdzie") == []
    filled.do(lambda s: schools.add_school(s, "PL", "Szkoła Światła", "Wszędzie", "primary", now=NOW))
    assert found(filled, "PL", "wszedzie") == [("Szkoła Światła", "Wszędzie")]


def test_a_removed_school_is_gone_but_its_row_stays(filled: Database) -> None:
    number = filled.do(lambda s: schools.search_schools(s, "PT", "gil vicente")[0].id)
    assert filled.do(lambda s: schools.remove_school(s, number, now=NOW)) is True
    assert filled.do(lambda s: schools.remove_school(s, number, now=NOW)) is False
    assert filled.do(lambda s: schools.get_school(s, number)) is None
    assert found(filled, "PT", "gil vicente") == []
    assert filled.do(lambda s: s.get(School, number)) is not None
    assert filled.do(lambda s: schools.get_school(s, 10**6)) is None


def test_changed_schools_are_found_under_their_new_words_only(filled: Database) -> None:
    school = filled.do(lambda s: schools.search_schools(s, "GE", "tbilisi")[0])
    row = {"id": school.id, "country": "GE", "name": "ვაჟა-ფშაველას სკოლა", "town": "გორი"}
    filled.do(lambda s: schools.update_schools(s, [row]))
    assert found(filled, "GE", "gori") == [("ვაჟა-ფშაველას სკოლა", "გორი")]
    assert found(filled, "GE", "tbilisi") == []


def test_names_are_cleaned_when_added(database: Database) -> None:
    def add(session: object) -> tuple[str, str]:
        school = schools.add_school(
            session, "PT", "  Escola\u202e \x00Nova\n", "Fa\u200bro" + "o" * 300, "primary", now=NOW  # type: ignore[arg-type]
        )  # fmt: skip
        return school.name, school.town

    name, town = database.do(add)
    assert name == "Escola Nova"
    assert town.startswith("Faroo")
    assert len(town) == 255
    with pytest.raises(ValueError, match="a name and a town"):
        database.do(lambda s: schools.add_school(s, "PT", "\u202e", "Faro", "primary", now=NOW))


@pytest.mark.parametrize(
    ("country", "name", "town", "is_there"),
    [
        ("PL", "szkola podstawowa 14", "Gdansk", True),
        ("PL", "SZKOŁA PODSTAWOWA NR. 14", "gdańsk", True),
        ("PL", "Szkoła Podstawowa nr 15", "Gdańsk", False),
        ("PL", "Szkoła Podstawowa nr 14", "Gdynia", False),
        ("PL", "IV Liceum Ogólnokształcące", "Gdańsk", False),
        ("PT", "Liceu Camoes", "Lisboa", True),
        ("PT", "Escola Camões", "Lisboa", False),
        ("RS", "Gimnazija Vuk Karadžić", "Niš", True),
        ("RS", "Osnovna škola Vuk Karadžić", "Niš", False),
        ("DE", "Liceu Camões", "Lisboa", False),
    ],
)
def test_a_school_added_again_is_recognised(
    filled: Database, country: str, name: str, town: str, is_there: bool
) -> None:
    same = filled.do(lambda session: schools.same_school(session, country, name, town))
    assert (same is not None) is is_there


def test_a_common_word_does_not_hide_the_school_that_has_all_words(database: Database) -> None:
    """More schools share each word than are ever ranked, so only their combination leads to the right one."""
    rows = [
        {"country": "PL", "name": f"Szkoła {name} {number}", "town": town, "level": "primary", "created_at": NOW}
        for number in range(700)
        for name, town in (("Kopernika", "Gdańsk"), ("Chopina", "Toruń"))
    ]
    rows.append({"country": "PL", "name": "Szkoła Chopina", "town": "Gdańsk", "level": "primary", "created_at": NOW})
    database.do(lambda session: schools.add_schools(session, rows))
    assert found(database, "PL", "szkola chopina gdansk")[0] == ("Szkoła Chopina", "Gdańsk")
    assert found(database, "PL", "gdnask chopin")[0] == ("Szkoła Chopina", "Gdańsk")


def test_adding_many_gives_ids_in_order(database: Database) -> None:
    rows = [
        {"country": "EE", "name": f"Kool {number}", "town": "Tartu", "level": "primary", "created_at": NOW}
        for number in range(50)
    ]
    ids = database.do(lambda session: schools.add_schools(session, rows))
    names = database.do(lambda session: [session.get_one(School, school).name for school in ids])
    assert names == [row["name"] for row in rows]
    assert database.do(lambda session: session.scalar(select(func.count()).select_from(SchoolWord))) == 150
    assert database.do(lambda session: schools.add_schools(session, [])) == []


def test_only_the_countries_in_use_stay_in_memory(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "_MOST_KEPT", 5)
    for country, named in SCHOOLS.items():
        name, town = named[0]
        database.do(lambda s, c=country, n=name, t=town: schools.add_school(s, c, n, t, "primary", now=NOW))
        assert found(database, country, town)[0] == (name, town)
        kept = vocabulary._kept[database.engine]
        assert country in kept
        assert len(kept) == 1 or sum(map(len, kept.values())) <= 5


@pytest.mark.parametrize(
    ("country", "own", "latin"),
    [
        ("UA", "Запоріжжя", "zaporizhzhia"),
        ("BG", "Търново", "tarnovo"),
        ("RS", "Чачак", "cacak"),
        ("MK", "Штип", "shtip"),
        ("GR", "Λευκωσία", "lefkosia"),
        ("GR", "ΣΤΡΟΒΟΛΟΣ", "strovolos"),
        ("GR", "Χρυσοχούς", "chrysochous"),
        ("GE", "ახალციხე", "akhaltsikhe"),
        ("AM", "Երևան", "yerevan"),
        ("AM", "Գյումրի", "gyumri"),
    ],
)
def test_towns_in_latin_letters(country: str, own: str, latin: str) -> None:
    assert fold(to_latin(own, country)) == latin


def test_latin_text_stays_as_it_is() -> None:
    assert to_latin("Łódź 5 – „É“", "PL") == "Łódź 5 – „É“"


def test_numbers_part_from_letters() -> None:
    assert words("5ο Γυμνάσιο, nr.014 (٣)") == ["5", "γυμνασιο", "nr", "14", "3"]
    assert numbers(["liceum", "v", "14", "xii", "nr"]) == ["14", "v", "xii"]


def test_arabic_and_its_latin_spelling_share_their_bones() -> None:
    assert bones(fold("خلدون")) == bones("khaldoun") == bones("khaldun")
    assert bones(fold("القيروان")) != bones("sousse")
    assert bones("aeiou") == ""


def test_all_words_of_a_school_are_filed() -> None:
    assert search_words("TN", "معهد", "تونس") >= {"تونس", "tunis", "معهد"}
    assert search_words("PT", "Liceu Camões", "Lisboa") == {"liceu", "camoes", "lisboa"}
