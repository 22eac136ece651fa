"""What goes to whom: chosen lines, replies, edits, removals, reactions, files, limits."""

from __future__ import annotations

import pytest

from bot.talk import Attachment
from storage import lines, relay
from tests.lines import Street

PICTURE = Attachment("picture", "file-1", "river.jpg", "image/jpeg", 1000)


@pytest.fixture
def two(street: Street) -> Street:
    """Amina and João, partners."""
    street.partners(street.teacher("Amina", "amina"), street.teacher("João", "joao"))
    return street


@pytest.fixture
def three(two: Street) -> Street:
    """Amina, who has two partners."""
    two.partners(1, two.teacher("Ines", "ines"))
    return two


def test_words_are_kept_until_it_is_known_to_whom_they_go(three: Street) -> None:
    three.says("amina", "for one of you")
    three.hears("amina", unread="picture", files=(PICTURE,), text="look")
    assert "To whom shall these 2 messages go?" in three.screen("amina")[-1]
    assert "for one" not in " ".join(three.screen("joao") + three.screen("ines"))
    three.presses("amina", "Ines")
    assert [text.split("\n")[-1] for text in three.screen("ines")[-2:]] == ["for one of you", "look"]
    assert three.find("ines", "look").file["ref"] == "file-1"  # type: ignore[index]
    assert "for one" not in " ".join(three.screen("joao"))


def test_a_name_alone_chooses_while_something_waits(three: Street) -> None:
    three.says("amina", "for one of you")
    three.says("amina", "joão")
    assert "for one of you" in three.screen("joao")[-1]
    assert "joão" not in " ".join(three.screen("joao")[-1].split("\n")[1:])


def test_what_waits_may_be_changed_taken_back_or_dropped(three: Street) -> None:
    first = three.says("amina", "one")
    second = three.says("amina", "two")
    three.hears("amina", text="two, better", edits=second, id=second)
    three.hears("amina", removes=first)
    three.presses("amina", "João")
    assert three.screen("joao")[-1].endswith("two, better")
    assert "one" not in three.screen("joao")[-1].split("\n")
    three.says("amina", "/leave")
    three.says("amina", "three")
    three.presses("amina", "To nobody")
    assert three.screen("amina")[-1] == "Not sent."


def test_a_stale_choice_sends_nothing(three: Street) -> None:
    three.says("amina", "once")
    three.presses("amina", "João")
    three.presses("amina", "Ines")
    assert "once" not in " ".join(three.screen("ines"))
    assert "There is nothing to send any more." in three.screen("amina")[-1]


def test_a_reply_goes_to_its_line_whoever_is_written_to(three: Street) -> None:
    three.says("ines", "/line")
    three.presses("ines", "Amina")
    three.says("ines", "Hello from Ines")
    three.says("amina", "/line João")
    three.says("amina", "to João")
    three.says("amina", "to Ines", about=three.find("amina", "Hello from Ines").ref)
    assert "to Ines" in three.screen("ines")[-1]
    assert "→ Ines" in three.screen("amina")[-1]
    three.says("amina", "João again")
    assert "João again" in three.screen("joao")[-1]
    assert "→ João" in three.screen("amina")[-1]


def test_a_reply_refers_to_the_message_where_it_stands(two: Street) -> None:
    two.says("amina", "/line João")
    question = two.says("amina", "How many pupils?")
    two.says("joao", "Twenty", about=two.find("joao", "How many").ref)
    assert two.find("amina", "Twenty").replies == question
    two.says("amina", "Mine too", about=two.find("amina", "Twenty").ref)
    assert two.find("joao", "Mine too").replies is not None
    assert "▏" not in two.find("joao", "Mine too").text


def test_a_reply_quotes_what_stands_in_another_chat(street: Street) -> None:
    street.partners(street.teacher("Amina", "amina"), street.teacher("João", "joao", "joao-too"))
    street.says("joao", "/line Amina")
    street.says("amina", "/line João")
    street.says("amina", "How many pupils?")
    street.hears("joao-too", text="/line Amina", seconds=3600)
    quoted = street.find("joao", "How many").ref
    street.says("joao", "Twenty", about=quoted)
    assert "▏ " not in street.find("amina", "Twenty").text
    street.hears("joao-too", text="/leave", seconds=3600)
    street.says("amina", "all of them?", about=street.find("amina", "Twenty").ref)
    assert "▏ Twenty" in street.find("joao-too", "all of them?").text


def test_edits_and_removals_follow(two: Street) -> None:
    two.says("amina", "/line João")
    said = two.says("amina", "At nine")
    two.hears("amina", text="At ten", edits=said, id=said)
    assert two.find("joao", "At ten").choices.keys() == {"Reply"}
    assert "At nine" not in " ".join(two.screen("joao"))
    two.hears("amina", removes=said)
    assert "At ten" not in " ".join(two.screen("joao"))
    with two.session() as session:
        kept = relay.latest(session, 1, 1)[0]
    assert (kept.words, [words for _until, words in kept.earlier]) == ("At ten", ["At nine"])
    assert kept.removed_at is not None


def test_nobody_changes_what_another_said(two: Street) -> None:
    two.says("amina", "/line João")
    said = two.says("amina", "At nine")
    copy = two.find("joao", "At nine").ref
    for chat, ref in (("joao", copy), ("joao", said)):
        two.hears(chat, text="At ten", edits=ref, id=ref)
        two.hears(chat, removes=ref)
    assert two.find("joao", "At nine")
    with two.session() as session:
        assert relay.latest(session, 1, 1)[0].words == "At nine"


def test_unsend_takes_back_what_is_replied_to_or_the_last(two: Street) -> None:
    two.says("amina", "/line João")
    first = two.says("amina", "first")
    two.says("amina", "second")
    two.says("amina", "/unsend", about=first)
    two.presses("amina", "Take back")
    assert "first" not in " ".join(two.screen("joao"))
    two.says("amina", "/unsend")
    assert "second" in two.screen("amina")[-1]
    two.presses("amina", "Keep it")
    assert "second" in " ".join(two.screen("joao"))
    two.says("joao", "/unsend", about=two.find("joao", "second").ref)
    assert "only take back what you wrote" in two.screen("joao")[-1]


def test_reactions_go_both_ways(two: Street) -> None:
    two.says("amina", "/line João")
    said = two.says("amina", "Shall we?")
    two.hears("joao", reaction="❤️", about=two.find("joao", "Shall we?").ref)
    assert two.marks["amina", said][-1] == "❤️"
    two.hears("amina", reaction="🎶", about=said)
    assert two.find("joao", "Shall we?").marks == ["🎶"]
    two.hears("joao", reaction="1\ufe0f\u20e3", about=two.find("joao", "Shall we?").ref)
    assert "goes to Amina now" in two.screen("joao")[-1]


def test_each_message_is_confirmed_in_words_when_the_recipient_changes(two: Street) -> None:
    two.says("amina", "/line João")
    two.says("amina", "one")
    assert two.screen("amina")[-1].startswith("→ João · Escola do Viso · 🇵🇹")
    before = len(two.screen("amina"))
    said = two.says("amina", "two")
    assert len(two.screen("amina")) == before
    assert two.marks["amina", said] == ["→ João"]


def test_commands_questions_and_choices_come_before_the_line(two: Street) -> None:
    two.says("amina", "/line João")
    two.says("amina", "/help")
    two.says("amina", "/profile")
    two.says("amina", "Change: Name")
    two.says("amina", "help")
    two.says("amina", "Amina the Second")
    assert "Amina the Second" not in " ".join(two.screen("joao"))
    two.says("amina", "/cancel")
    two.says("amina", "well then")
    two.says("amina", "Find partners")
    assert two.screen("joao")[-1].endswith("Find partners")
    two.says("amina", "👍")
    assert two.screen("joao")[-1].endswith("👍")
    two.says("amina", "2")
    assert two.screen("joao")[-1].endswith("\n2")
    two.says("amina", "cancel")
    assert "You no longer write to João." in two.screen("amina")[-1]


def test_files_go_to_the_line_and_stickers_do_not(two: Street) -> None:
    two.says("amina", "/line João")
    two.hears("amina", unread="picture", files=(PICTURE,))
    assert two.screen("joao")[-1] == "Amina · Escola do Viso · 🇵🇹"
    assert two.screens["joao"][-1].file["platform"] == "web"  # type: ignore[index]
    two.hears("amina", unread="sticker")
    assert "I cannot pass that on." in two.screen("amina")[-1]
    two.hears("amina", unread="encrypted")
    assert "could not decrypt" in two.screen("amina")[-1]


def test_a_file_while_a_question_is_open_is_no_answer(two: Street) -> None:
    two.says("amina", "/line João")
    two.says("amina", "/contact")
    two.hears("amina", unread="picture", files=(PICTURE,))
    assert two.screens["joao"][-1].file is None
    assert "only read text" in " ".join(two.screen("amina")[-2:])


def test_limits(two: Street) -> None:
    two.says("amina", "/line João")
    two.says("amina", "x" * 4001)
    assert "4,001 characters, and 4,000 are the most" in two.screen("amina")[-1]
    for number in range(21):
        two.hears("amina", text=f"number {number}", seconds=1)
    assert two.screen("joao")[-1].endswith("number 19")
    assert "20 messages a minute" in two.screen("amina")[-1]
    two.hears("amina", text="later", seconds=61)
    assert two.screen("joao")[-1].endswith("later")


def test_somebody_who_cannot_be_reached_gets_it_when_they_are_back(two: Street) -> None:
    two.says("amina", "/line João")
    two.hears("joao", gone=True)
    before = two.screen("joao")
    two.says("amina", "Are you there?")
    assert "cannot be reached at the moment" in two.screen("amina")[-1]
    assert two.screen("joao") == before
    two.says("joao", "/line Amina")
    assert "Are you there?" in " ".join(two.screen("joao"))
    two.says("joao", "/line Amina")
    assert " ".join(two.screen("joao")).count("Are you there?") == 1


def test_the_suspended_are_not_written_to_and_write_to_nobody(two: Street) -> None:
    two.says("amina", "/line João")
    two.says("joao", "/line Amina")
    two.says("amina", "before")
    two.status(2, "suspended")
    two.says("amina", "after")
    assert "cannot be written to" in two.screen("amina")[-1]
    two.says("joao", "still here")
    two.says("joao", "as a reply", about=two.find("joao", "before").ref)
    assert "still here" not in " ".join(two.screen("amina"))
    assert "as a reply" not in " ".join(two.screen("amina"))


def test_the_list_says_what_is_new_and_what_was_not_seen(two: Street) -> None:
    two.says("amina", "/line João")
    two.says("amina", "one")
    two.says("amina", "two")
    two.says("joao", "/line")
    assert "2 new messages" in two.screen("joao")[-1]
    two.hears("amina", text="three", seconds=400)
    two.says("amina", "/line João")
    assert "not seen yet" not in two.screen("amina")[-1]
    two.hears("amina", text="/line João", seconds=3700)
    assert "3 messages of yours not seen yet" in two.screen("amina")[-1]
    two.hears("joao", text="/line Amina", seconds=400)
    two.says("amina", "/line João")
    assert "not seen yet" not in two.screen("amina")[-1]


def test_joined_accounts_keep_their_lines(street: Street) -> None:
    amina, joao, again = street.teacher("Amina", "amina"), street.teacher("João", "joao"), street.teacher("J", "j")
    street.partners(amina, joao)
    street.partners(amina, again)
    street.says("j", "/line Amina")
    street.says("j", "said before")
    with street.session() as session:
        from storage import links

        links.join(session, again, into=joao, now=street.now)
        known = lines.lines_of(session, joao)
        assert [line.other for line in known] == [amina]
        assert [spoken.words for spoken in relay.latest(session, known[0].id, 5)] == ["said before"]
    street.says("j", "and after")
    assert street.screen("amina")[-1].endswith("and after")
