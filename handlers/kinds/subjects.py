"""The 48 subjects: their names, other words for them, and which are usual at which level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from bot.talk import Option
from bot.text import Node, Reader, p_, plain
from bot.text.catalogs import available
from handlers.kinds.names import Names
from storage.reference import subjects
from storage.spelling import Lexicon, language_lexicon

# Translators: school subjects, as short as they may be; " / " parts two names of one subject. No commas, please.
SUBJECTS: dict[str, Node] = {
    "art": p_("subject", "Art"),
    "astronomy": p_("subject", "Astronomy"),
    "biology": p_("subject", "Biology"),
    "chemistry": p_("subject", "Chemistry"),
    "citizenship": p_("subject", "Citizenship"),
    "classical_languages": p_("subject", "Latin and Greek"),
    "cross_curricular": p_("subject", "Cross-curricular"),
    "design_technology": p_("subject", "Design and technology"),
    "drama": p_("subject", "Drama"),
    "economics": p_("subject", "Economics"),
    "environmental_education": p_("subject", "Environment"),
    "ethics": p_("subject", "Ethics"),
    "european_studies": p_("subject", "European studies"),
    "foreign_languages": p_("subject", "Foreign languages"),
    "geography": p_("subject", "Geography"),
    "geology": p_("subject", "Geology"),
    "health_studies": p_("subject", "Health"),
    "history": p_("subject", "History"),
    "history_of_culture": p_("subject", "History of culture"),
    "home_economics": p_("subject", "Home economics"),
    "ict": p_("subject", "Informatics / ICT"),
    # Translators: the pupils' own language and its literature, not a foreign one.
    "language_literature": p_("subject", "Language and literature"),
    "law": p_("subject", "Law"),
    "mathematics": p_("subject", "Mathematics"),
    "media_education": p_("subject", "Media education"),
    "music": p_("subject", "Music"),
    "natural_sciences": p_("subject", "Natural sciences"),
    "philosophy": p_("subject", "Philosophy / Logic"),
    "physical_education": p_("subject", "Physical education"),
    "physics": p_("subject", "Physics"),
    "politics": p_("subject", "Politics"),
    # Translators: what is done with children before school, all together.
    "pre_school": p_("subject", "Pre-school subjects"),
    # Translators: what one teacher teaches a class of young pupils, all together.
    "primary_school": p_("subject", "Primary subjects"),
    "psychology": p_("subject", "Psychology"),
    "religion": p_("subject", "Religion"),
    "social_studies": p_("subject", "Social studies / Sociology"),
    "special_needs": p_("subject", "Special needs"),
    "technology": p_("subject", "Technology"),
    # Translators: the following are taught at vocational schools.
    "voc_agriculture": p_("subject", "Agriculture and forestry"),
    "voc_arts_crafts": p_("subject", "Arts and crafts"),
    "voc_business": p_("subject", "Business"),
    "voc_construction": p_("subject", "Construction"),
    "voc_electronics": p_("subject", "Electrical work and electronics"),
    "voc_engineering": p_("subject", "Engineering"),
    "voc_health": p_("subject", "Health care"),
    "voc_hospitality_tourism": p_("subject", "Hotels and tourism"),
    "voc_personal_services": p_("subject", "Personal services"),
    "voc_transport": p_("subject", "Transport and logistics"),
}

# Translators: other words that teachers may write for a subject, parted by "|"; as many as you like, or "|" for none.
_ALSO: dict[str, Node] = {
    "art": p_("other words for the subject", "arts|visual arts|painting|drawing"),
    "biology": p_("other words for the subject", "biological"),
    "chemistry": p_("other words for the subject", "chemical"),
    "citizenship": p_("other words for the subject", "civics|civic education"),
    "classical_languages": p_("other words for the subject", "classics|latin|ancient greek|classical languages"),
    "cross_curricular": p_("other words for the subject", "interdisciplinary|all subjects|projects"),
    "drama": p_("other words for the subject", "theatre|theater"),
    "economics": p_("other words for the subject", "economy|economic"),
    "environmental_education": p_(
        "other words for the subject", "ecology|sustainability|climate|environmental education"
    ),
    "foreign_languages": p_("other words for the subject", "foreign language|modern languages|languages"),
    "geography": p_("other words for the subject", "geographical"),
    "health_studies": p_("other words for the subject", "health education|health studies"),
    "history": p_("other words for the subject", "historical"),
    "ict": p_("other words for the subject", "it|computing|computer science|coding|programming|robotics"),
    "language_literature": p_("other words for the subject", "literature|mother tongue|reading|first language"),
    "mathematics": p_("other words for the subject", "maths|math|geometry|algebra"),
    "media_education": p_("other words for the subject", "media|journalism|film"),
    "music": p_("other words for the subject", "musical"),
    "natural_sciences": p_("other words for the subject", "science|sciences|stem"),
    "physical_education": p_("other words for the subject", "pe|sport|sports|gymnastics"),
    "physics": p_("other words for the subject", "physical science"),
    "pre_school": p_("other words for the subject", "kindergarten|nursery|preschool"),
    "primary_school": p_("other words for the subject", "primary|primary school|class teacher|elementary"),
    "religion": p_("other words for the subject", "religious education|re"),
    "special_needs": p_("other words for the subject", "special education|inclusion|sen"),
    "voc_business": p_("other words for the subject", "administration|commerce|accounting|marketing"),
    "voc_engineering": p_("other words for the subject", "manufacturing|mechanics"),
    "voc_health": p_("other words for the subject", "nursing|social care"),
    "voc_hospitality_tourism": p_("other words for the subject", "tourism|catering|cooking|hospitality"),
}

_USUAL: dict[str, str] = {
    "pre_primary": "pre_school art music drama environmental_education foreign_languages physical_education "
    "special_needs",
    "primary": "primary_school foreign_languages language_literature mathematics natural_sciences art music "
    "physical_education",
    "lower_secondary": "foreign_languages language_literature mathematics history geography biology ict music",
    "upper_secondary": "foreign_languages language_literature mathematics history physics biology ict philosophy",
    "vocational": "foreign_languages ict voc_business voc_engineering voc_electronics voc_health "
    "voc_hospitality_tourism voc_construction",
}
"""What is most often taught at a level, for the first page of the list; the rest follows on the next ones."""


class Subjects(Names):
    """Some subjects. The name of a language ("English") means foreign languages."""

    def found(self, text: str) -> list[str]:
        """The subjects that one part of a line names."""
        return super().found(text) or (["foreign_languages"] if language_lexicon().find_all(text) else [])


def subject_name(code: str) -> Node:
    """What a subject is called. Raises KeyError for a code that is none."""
    return SUBJECTS[code]


@cache
def subject_lexicon() -> Lexicon:
    """All subjects under their names and other words for them, in all languages of the catalogs."""
    return Lexicon((phrase, code) for code in subjects() for phrase in _phrases(code))


def _phrases(code: str) -> Iterator[str]:
    for reader in map(Reader, available()):
        name = plain(subject_name(code), reader)
        yield from (name, *name.split(" / "))
        if code in _ALSO:
            yield from plain(_ALSO[code], reader).split("|")


def subjects_kind(level: str | None, at_least: int = 1, at_most: int = 6, *, chosen: Sequence[str] = ()) -> Subjects:
    """Some subjects, those usual at the level first."""
    options = [Option(code, subject_name(code)) for code in subjects()]
    likely = _USUAL.get(level or "", "").split()
    return Subjects(options, subject_lexicon(), at_least=at_least, at_most=at_most, likely=likely, chosen=chosen)
