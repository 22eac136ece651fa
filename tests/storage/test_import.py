"""A CSV of schools: right rows go in, wrong ones are told with their line, the same file again changes nothing."""

import codecs
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from storage import schools
from storage.database import Database
from storage.models import School, SchoolWord
from storage.schools_csv import ImportRefused
from storage.schools_import import ImportReport, import_schools
from tests.storage.conftest import NOW
from tests.vault import VAULT

HEADER = "country,name,town,level,id\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "schools.csv"


def run(database: Database, file: Path, content: str | bytes, **options: Any) -> ImportReport:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return import_schools(database, file, now=NOW, **options)


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.added, report.updated, report.unchanged


def where_wrong(report: ImportReport) -> list[tuple[int, str | None]]:
    return [(problem.line, problem.column) for problem in report.problems]


def stored(database: Database) -> list[tuple[Any, ...]]:
    columns = select(School.country, School.name, School.town, School.level, School.register_id)
    return [tuple(row) for row in database.do(lambda session: session.execute(columns.order_by(School.id)).all())]


def test_a_plain_file(database: Database, file: Path) -> None:
    report = run(database, file, HEADER + "PT,Liceu Camões,Lisboa,upper_secondary,17\nPL,Szkoła nr 1,Łódź,primary,\n")
    assert (counts(report), report.problems, report.notices) == ((2, 0, 0), [], [])
    assert stored(database) == [
        ("PT", "Liceu Camões", "Lisboa", "upper_secondary", "17"),
        ("PL", "Szkoła nr 1", "Łódź", "primary", None),
    ]
    found = database.do(lambda s: [school.name for school in schools.search_schools(s, "PL", "szkola lodz")])
    assert found == ["Szkoła nr 1"]


@pytest.mark.parametrize("start", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("mark", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_ways_to_write_the_same_file(database: Database, file: Path, start: bytes, mark: str, end: str) -> None:
    rows = [["LEVEL", " Town", "Country", "name "], ["Upper-Secondary", "Faro", "pt", f'"Liceu {mark} ""A"""']]
    text = end.join(mark.join(row) for row in rows)
    report = run(database, file, start + text.encode())
    assert (counts(report), report.problems) == ((1, 0, 0), [])
    assert stored(database) == [("PT", f'Liceu {mark} "A"', "Faro", "upper_secondary", None)]


def test_countries_by_name_in_our_languages(database: Database, file: Path) -> None:
    report = run(
        database, file, HEADER + "Portugalia,A,Faro,primary,\nΕλλάδα,B,Βόλος,primary,\nPortgal,C,Faro,primary,"
    )
    assert [row[0] for row in stored(database)] == ["PT", "GR"]
    assert where_wrong(report) == [(4, "country")]


def test_wrong_rows_are_told_and_the_rest_imported(database: Database, file: Path) -> None:
    lines = [
        "PT,Good 1,Faro,primary,1",
        "ZZ,Bad,Faro,primary,2",
        "PT,Bad,Faro,kindergarden,3",
        "PT,,Faro,primary,4",
        "",
        "PT,Bad,Faro",
        "PT,Bad,Faro,primary,5,6",
        f"PT,{'x' * 256},Faro,primary,7",
        ",,,,",
        "PT,Same number,Faro,primary,1",
        'PT,"Bad" name,Faro,primary,8',
        "PT,Good 2,Faro,primary,9,,",
    ]
    report = run(database, file, HEADER + "\n".join(lines))
    assert [row[1] for row in stored(database)] == ["Good 1", "Good 2"]
    assert where_wrong(report) == [
        (3, "country"),
        (4, "level"),
        (5, "name"),
        (7, "level"),
        (8, None),
        (9, "name"),
        (11, "id"),
        (12, None),
    ]
    assert report.problems[6].sentence == "The same school stands in line 2 already."
    assert all(problem.sentence.endswith(".") for problem in report.problems)


def test_strict_writes_nothing_if_anything_is_wrong(database: Database, file: Path) -> None:
    wrong = HEADER + "PT,Good,Faro,primary,1\nPT,Bad,Faro,none,2\n"
    report = run(database, file, wrong, strict=True)
    assert (counts(report), where_wrong(report), stored(database)) == ((0, 0, 0), [(3, "level")], [])
    right = HEADER + "PT,Good,Faro,primary,1\nPT,Better,Faro,primary,2\n"
    assert counts(run(database, file, right, strict=True)) == (2, 0, 0)


def test_line_numbers_where_fields_span_lines(database: Database, file: Path) -> None:
    text = HEADER + 'PT,"Escola\nde\r\nFaro",Faro,primary,\nZZ,"Bad\none",Faro,primary,\nZZ,Bad two,Faro,primary,\n'
    report = run(database, file, text)
    assert where_wrong(report) == [(5, "country"), (7, "country")]
    assert [row[1] for row in stored(database)] == ["Escola de Faro"]


@pytest.mark.parametrize("following", [3, 50])
def test_a_quote_never_closed_costs_its_own_line_only(database: Database, file: Path, following: int) -> None:
    good = "".join(f"PT,Good {number},Faro,primary,\n" for number in range(following))
    report = run(database, file, HEADER + 'PT,"Bad,Faro,primary,\n' + good + "ZZ,Bad,Faro,primary,\n")
    assert where_wrong(report) == [(2, None), (3 + following, "country")]
    assert "never closed" in report.problems[0].sentence
    assert len(stored(database)) == following


def test_control_and_bidi_characters_are_removed(database: Database, file: Path) -> None:
    report = run(database, file, HEADER + "PT,Esc\u202eola\u200b\x00 \tNova\x07,Fa\ufefforo,primary,\n")
    assert (counts(report), report.problems) == ((1, 0, 0), [])
    assert stored(database)[0][1:3] == ("Escola Nova", "Faoro")


def test_unknown_columns_give_one_notice(database: Database, file: Path) -> None:
    text = "street,country,name,town,level,phone\nX,PT,A,Faro,primary,1\nY,PT,B,Faro,primary,2\n"
    report = run(database, file, text, strict=True)
    assert (counts(report), report.problems) == ((2, 0, 0), [])
    assert report.notices == ["Columns that mean nothing here were passed over: street, phone."]


def test_again_by_register_id(database: Database, file: Path) -> None:
    first = HEADER + "PT,Liceu A,Faro,primary,1\nPT,Liceu B,Faro,primary,2\n"
    assert counts(run(database, file, first)) == (2, 0, 0)
    assert counts(run(database, file, first)) == (0, 0, 2)
    newer = HEADER + "PT,Liceu Álvares,Olhão,primary,1\nPT,Liceu B,Faro,primary,2\nES,Liceu A,Faro,primary,1\n"
    assert counts(run(database, file, newer)) == (1, 1, 1)
    found = database.do(lambda s: [school.name for school in schools.search_schools(s, "PT", "olhao")])
    assert found == ["Liceu Álvares"]
    assert [row[1] for row in stored(database)] == ["Liceu Álvares", "Liceu B", "Liceu A"]


def test_again_by_name_and_town(database: Database, file: Path) -> None:
    assert counts(run(database, file, HEADER + "PT,Liceu Camões,Évora,primary,\n")) == (1, 0, 0)
    assert counts(run(database, file, HEADER + "PT,LICEU CAMOES,Evora,primary,\n")) == (0, 1, 0)
    assert counts(run(database, file, HEADER + "PT,Liceu Camoes,Faro,primary,\n")) == (1, 0, 0)
    # A register that learns the number of a school it had without one adopts it.
    assert counts(run(database, file, HEADER + "PT,Liceu Camões,Évora,primary,77\n")) == (0, 1, 0)
    assert counts(run(database, file, HEADER + "PT,Liceu Camões,Évora,primary,\n")) == (0, 0, 1)
    assert stored(database) == [
        ("PT", "Liceu Camões", "Évora", "primary", "77"),
        ("PT", "Liceu Camoes", "Faro", "primary", None),
    ]


def test_two_schools_of_one_name_stay_two(database: Database, file: Path) -> None:
    database.do(lambda s: schools.add_school(s, "PT", "Liceu", "Faro", "primary", now=NOW))
    text = HEADER + "PT,Liceu,Faro,primary,1\nPT,Liceu,Faro,vocational,2\n"
    assert counts(run(database, file, text)) == (1, 1, 0)
    assert counts(run(database, file, text)) == (0, 0, 2)
    assert len(stored(database)) == 2


def test_a_removed_school_stays_removed(database: Database, file: Path) -> None:
    run(database, file, HEADER + "PT,Liceu,Faro,primary,1\n")
    number = database.do(lambda s: schools.search_schools(s, "PT", "liceu")[0].id)
    database.do(lambda s: schools.remove_school(s, number, now=NOW))
    assert counts(run(database, file, HEADER + "PT,Liceu Novo,Faro,primary,1\n")) == (0, 0, 1)
    assert database.do(lambda s: schools.search_schools(s, "PT", "liceu")) == []


def test_more_rows_than_a_batch_with_progress(database: Database, file: Path) -> None:
    told: list[tuple[int, int]] = []
    rows = "".join(f"EE,Kool {number},Tartu,primary,{number}\n" for number in range(2500))
    report = run(database, file, HEADER + rows, progress=lambda done, whole: told.append((done, whole)))
    assert counts(report) == (2500, 0, 0)
    assert told == [(1001, 2502), (2001, 2502), (2501, 2502), (2502, 2502)]
    words = database.do(lambda s: s.scalar(select(func.count()).select_from(SchoolWord)))
    assert words == 7500


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\n\n", "must name the columns"),
        (b"PT,Liceu,Faro,primary\n", "does not name country, name, town, level"),
        (b"country,name,town\nPT,A,Faro\n", "does not name level"),
        (b"country,name,town,level,Name\nPT,A,Faro,primary,B\n", "column name more than once"),
        (HEADER.encode() + "PT,Évora,Évora,primary,\n".encode("latin-1"), "not in UTF-8 (somewhere after line 1)"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (HEADER.encode("utf-16-le"), "not a text file"),
        (b"PK\x03\x04\x14\x00\xff\xfe", "spreadsheet or an archive"),
        (bytes(4000), "not a text file"),
        (b"x" * 3_000_000, "longer than a megabyte"),
    ],
)
def test_files_refused(tmp_path: Path, file: Path, content: bytes, sentence: str) -> None:
    database = Database(f"sqlite:///{tmp_path / 'never.sqlite'}", VAULT)
    try:
        with pytest.raises(ImportRefused) as refused:
            run(database, file, content)
    finally:
        database.close()
    assert sentence in str(refused.value)
    assert str(refused.value).endswith(".")
    assert str(tmp_path) not in str(refused.value)


def test_a_missing_file_and_a_folder_are_refused(database: Database, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(ImportRefused, match="cannot be read"):
            import_schools(database, path, now=NOW)


def test_a_file_cut_within_a_letter_writes_nothing(database: Database, file: Path) -> None:
    with pytest.raises(ImportRefused):
        run(database, file, (HEADER + "PT,A,Faro,primary,\nPT,B,É").encode()[:-1])
    assert stored(database) == []


WITH_MAIL = "country,name,town,level,domains,email\n"


def mail_of(database: Database) -> list[tuple[Any, ...]]:
    columns = select(School.domains, School.email).order_by(School.id)
    return [tuple(row) for row in database.do(lambda session: session.execute(columns).all())]


def test_mail_of_schools(database: Database, file: Path) -> None:
    lines = [
        "PL,Szkoła 1,Łódź,primary,SP1.lodz.pl;@szkola1.pl www.szkola1.pl,Sekretariat@SP1.lodz.pl",
        "PL,Szkoła 2,Łódź,primary,,szkola2@wp.pl",
        "PL,Szkoła 3,Łódź,primary,gmail.com,",
        "PL,Szkoła 4,Łódź,primary,not a domain,",
        "PL,Szkoła 5,Łódź,primary,,nobody",
    ]
    report = run(database, file, WITH_MAIL + "\n".join(lines))
    assert where_wrong(report) == [(4, "domains"), (5, "domains"), (6, "email")]
    assert mail_of(database) == [("sp1.lodz.pl szkola1.pl", "Sekretariat@sp1.lodz.pl"), (None, "szkola2@wp.pl")]
    assert counts(run(database, file, WITH_MAIL + "\n".join(lines[:2]))) == (0, 0, 2)
    # A file that does not speak of mail leaves it; one that does and has none takes it away.
    plain = "country,name,town,level\nPL,Szkoła 1,Łódź,primary\n"
    assert counts(run(database, file, plain)) == (0, 0, 1)
    assert mail_of(database)[0] == ("sp1.lodz.pl szkola1.pl", "Sekretariat@sp1.lodz.pl")
    assert counts(run(database, file, WITH_MAIL + "PL,Szkoła 1,Łódź,primary,,\n")) == (0, 1, 0)
    assert mail_of(database)[0] == (None, None)
