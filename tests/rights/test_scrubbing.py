"""A person's names and words leave what others were told, and nothing else does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.text import Joined, Name, Node, Reader, Strong, Text, Verbatim, decode, encode, p_, plain, render
from storage.rights.scrubbing import without, without_lines, without_message

GONE, OTHER = 7, 8
FORMER = p_("person", "a former member")
MARK = (encode(FORMER), lambda language: plain(FORMER, Reader(language)))


def leaves() -> st.SearchStrategy[Node]:
    people = st.sampled_from([None, GONE, OTHER])
    words = st.text(alphabet="abcé ع🎈", min_size=1, max_size=8).filter(str.strip)
    return st.builds(Name, words, people) | st.builds(Verbatim, words, people) | st.just(Text("Saved."))


def nodes() -> st.SearchStrategy[Node]:
    return st.recursive(
        leaves(),
        lambda inner: (
            st.builds(Strong, inner)
            | st.lists(inner, max_size=4).map(lambda items: Joined(tuple(items), " · "))
            | inner.map(lambda node: Text("Welcome back, {name}! What would you like to do?", {"name": node}))
        ),
        max_leaves=8,
    )


def whose(node: Node) -> set[int]:
    return {mention.person for mention in render(node, Reader()).mentions}


@given(nodes())
def test_texts_lose_the_one_and_keep_the_others(node: Node) -> None:
    cleaned = decode(without(encode(node), GONE, MARK))
    assert whose(cleaned) == whose(node) - {GONE}
    if GONE not in whose(node):
        assert cleaned == node


@given(nodes(), st.sampled_from(["en", "pl", "ar"]))
def test_kept_lines_read_as_if_the_text_had_been_cleaned_before(node: Node, language: str) -> None:
    reader = Reader(language)

    def content(of: Node) -> dict[str, object]:
        shown = render(of, reader)
        return {
            "text": shown.text,
            "spans": [[s.start, s.end] for s in shown.spans],
            "mentions": [[m.start, m.end, m.person] for m in shown.mentions],
            "buttons": [],
            "language": language,
        }

    cleaned = without_lines(content(node), GONE, MARK)
    again = content(decode(without(encode(node), GONE, MARK)))
    assert cleaned["text"] == again["text"]
    assert cleaned["mentions"] == again["mentions"]
    assert cleaned["spans"] == again["spans"]


def test_a_button_with_a_name_loses_it() -> None:
    content = {
        "text": "Who?",
        "language": "fr",
        "buttons": [{"label": "Ana", "person": GONE}, {"label": "Rui", "person": OTHER}],
    }
    labels = [button["label"] for button in without_lines(content, GONE, MARK)["buttons"]]
    assert labels == [plain(FORMER, Reader("fr")), "Rui"]


def test_a_file_goes_with_the_words_of_whoever_sent_it() -> None:
    for person, stays in ((GONE, False), (OTHER, True)):
        said = Joined((Name("Amina", person), Verbatim("our class", person)))
        payload = {"body": encode(said), "file": {"platform": "web", "ref": "r"}}
        assert ("file" in without_message(payload, GONE, MARK)) == stays
        shown = render(said, Reader())
        marks = [[m.start, m.end, m.person] for m in shown.mentions]
        line = {"text": shown.text, "mentions": marks, "file": {"ref": "r"}}
        assert ("file" in without_lines(line, GONE, MARK)) == stays
