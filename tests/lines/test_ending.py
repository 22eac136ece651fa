"""Lines end: in good order, by a block, with a report; contacts are shared on purpose alone."""

from __future__ import annotations

import pytest

from storage import audit, blocks, reports, staff
from tests.lines import Street

ANA, BEA, CLO = "ana", "bea", "clo"


@pytest.fixture
def two(street: Street) -> Street:
    """Amina and João, partners who have talked; three officers."""
    street.partners(street.teacher("Amina", "amina"), street.teacher("João", "joao", country="PL"))
    street.says("amina", "/line João")
    street.says("joao", "/line Amina")
    for number in range(1, 9):
        street.says("amina", f"question {number}")
        street.says("joao", f"answer {number}")
    with street.session() as session:
        for chat, country in ((ANA, "PT"), (BEA, "GR"), (CLO, None)):
            person = street.newcomer(chat)
            role = staff.CENTRAL if country is None else staff.NATIONAL
            staff.name_officer(session, person, role, country, named_by=None, now=street.now)
    return street


@pytest.mark.parametrize(("command", "button"), [("/end", "End it"), ("/block", "Block")])
def test_the_other_hears_that_it_has_ended_and_not_why(two: Street, command: str, button: str) -> None:
    two.says("amina", command)
    two.presses("amina", button)
    assert two.screen("joao")[-1] == "The line with Amina has ended."
    two.says("joao", "Hello?")
    two.says("joao", "a reply", about=two.find("joao", "question 8").ref)
    assert "this line has ended" in two.screen("joao")[-1]
    assert "Hello?" not in " ".join(two.screen("amina"))
    with two.session() as session:
        assert blocks.blocked(session, 1, 2) == (command == "/block")


@pytest.mark.parametrize(("command", "button"), [("/end", "Keep it open"), ("/block", "Do not block")])
def test_one_may_think_better_of_it(two: Street, command: str, button: str) -> None:
    two.says("amina", command)
    two.presses("amina", button)
    two.says("amina", "still here")
    assert two.screen("joao")[-1].endswith("still here")


def test_a_block_is_taken_back_and_the_line_stays_closed(two: Street) -> None:
    two.says("amina", "/unblock")
    assert "You have blocked nobody." in two.screen("amina")[-1]
    two.says("amina", "/block")
    two.presses("amina", "Block")
    two.says("amina", "/unblock")
    two.presses("amina", "João")
    assert "The block is taken back." in two.screen("amina")[-1]
    two.says("amina", "/line")
    assert "no partners yet" in two.screen("amina")[-1]
    with two.session() as session:
        assert not blocks.blocked(session, 1, 2)


def test_after_a_new_partnership_replies_to_old_messages_go_through(two: Street) -> None:
    two.says("amina", "/end")
    two.presses("amina", "End it")
    two.partners(1, 2)
    two.says("joao", "again", about=two.find("joao", "question 8").ref)
    assert two.screen("amina")[-1].endswith("again")


def test_a_contact_is_what_the_person_types(two: Street) -> None:
    two.says("amina", "/contact")
    two.says("amina", "amina@escola.example")
    assert "amina@escola.example" in two.screen("amina")[-1]
    assert "escola.example" not in " ".join(two.screen("joao"))
    two.presses("amina", "Do not share")
    assert "Nothing was shared." in two.screen("amina")[-1]
    two.says("amina", "/contact João")
    two.says("amina", "amina@escola.example")
    two.presses("amina", "Share it")
    assert two.find("joao", "escola.example").text.split("\n")[1:] == [
        "Contact, shared on purpose:",
        "amina@escola.example",
    ]
    two.says("amina", "/unsend")
    two.presses("amina", "Take back")
    assert "escola.example" not in " ".join(two.screen("joao"))


def test_others_lines_are_not_opened_ended_blocked_or_reported_by_their_number(two: Street) -> None:
    two.teacher("Zofia", "zofia")
    before = {chat: two.screen(chat) for chat in ("amina", "joao")}
    for command in ("/line 1", "/line 1 send", "/line 1 more", "/end 1", "/block 1", "/contact 1", "/report 1"):
        two.says("zofia", command)
        assert two.screen("zofia")[-1].startswith("That line has ended."), command
    two.says("zofia", "/end 99")
    assert two.screen("zofia")[-1].startswith("That line has ended.")
    assert {chat: two.screen(chat) for chat in ("amina", "joao")} == before


def report(two: Street) -> None:
    """Amina reports one of João's messages."""
    two.says("amina", "/report", about=two.find("amina", "answer 4").ref)
    two.presses("amina", "Unkind or insulting")
    two.says("amina", "He laughs at us.")
    two.presses("amina", "Report")


def test_support_of_both_countries_sees_the_words_and_what_stood_around_them(two: Street) -> None:
    report(two)
    assert "A teacher has reported something" in two.screen(ANA)[-1]
    # Poland has nobody, so central support is told in its place; Greece has nothing to do with it.
    assert "A teacher has reported something" in two.screen(CLO)[-1]
    assert "reported" not in " ".join(two.screen(BEA))
    two.presses(ANA, "Read it")
    shown = two.screen(ANA)[-1]
    assert "He laughs at us." in shown
    assert "▶ the reported person" in shown
    said = [f"{who} {number}" for number in range(1, 9) for who in ("question", "answer")]
    around = said[said.index("answer 4") - 5 : said.index("answer 4") + 6]
    assert [each for each in said if f"{each}\n" in f"{shown}\n"] == around
    assert two.screen("amina")[-1] == "Support has read your report. Thank you for telling us."
    assert "report" not in " ".join(two.screen("joao")).lower()


def test_what_is_taken_back_or_changed_later_is_still_read(two: Street) -> None:
    report(two)
    with two.session() as session:
        from storage import relay

        answer = next(one for one in relay.latest(session, 1, 30) if one.words == "answer 4")
    assert answer.ref is not None
    two.hears("joao", text="nothing", edits=answer.ref, id=answer.ref)
    two.hears("joao", removes=answer.ref)
    two.presses(ANA, "Read it")
    assert "answer 4" in two.screen(ANA)[-1]


def test_a_report_is_read_once_and_closed_once(two: Street) -> None:
    report(two)
    two.presses(ANA, "Read it")
    two.presses(CLO, "Read it")
    assert " ".join(two.screen("amina")).count("Support has read your report") == 1
    two.presses(ANA, "Close with a note")
    two.says(ANA, "Talked to both.")
    assert "The report is closed." in two.screen(ANA)[-1]
    two.presses(CLO, "Nothing to do")
    assert "closed" in two.screen(CLO)[-1]
    two.says(ANA, "/reports")
    assert "No report waits." in two.screen(ANA)[-1]
    with two.session() as session:
        post = staff.post_of(session, two.newcomer(ANA))
        assert post is not None
        found = reports.find(session, 1, post)
        assert found is not None
        assert (found.state, found.note, found.handled_by) == (reports.NOTED, "Talked to both.", post.person)
        acts = [(entry.act, entry.subject) for entry in audit.entries(session)]
        assert acts == [("report_closed", 1), ("report_seen", 1), ("report_seen", 1)]
        assert audit.entries_about(session, 2) == []


def test_an_officer_of_another_country_and_a_teacher_read_nothing(two: Street) -> None:
    report(two)
    two.says(BEA, "/reports")
    assert "No report waits." in two.screen(BEA)[-1]
    two.says(BEA, "/reports 1")
    assert "There is no such report." in two.screen(BEA)[-1]
    two.says("amina", "/reports 1")
    assert "for those who help teachers" in two.screen("amina")[-1]


def test_somebody_is_reported_after_a_block_and_without_a_message(two: Street) -> None:
    two.says("amina", "/block")
    two.presses("amina", "Block")
    two.presses("amina", "Report too")
    two.presses("amina", "All of these")
    two.presses("amina", "Something else")
    two.presses("amina", "Skip")
    two.presses("amina", "Report")
    assert "Reported." in two.screen("amina")[-1]
    two.presses(ANA, "Read it")
    assert "▶" not in two.screen(ANA)[-1]
    assert "answer 8" in two.screen(ANA)[-1]
    two.says("amina", "/report", about=two.find("amina", "Reported.").ref)
    assert "Reply with /report to a message of your partner" in two.screen("amina")[-1]


def test_a_report_leads_to_a_suspension_by_those_who_may(two: Street) -> None:
    report(two)
    two.presses(ANA, "Read it")
    assert not two.presses(ANA, "Suspend")
    two.presses(CLO, "Read it")
    two.presses(CLO, "Suspend")
    assert "João" in two.screen(CLO)[-1]
    assert "Why do you suspend this teacher?" in two.screen(CLO)[-1]
