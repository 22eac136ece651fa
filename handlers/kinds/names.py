"""Some of a long list: the likely ones first, more on further pages, and any of them by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.talk import Again, Kept, Option, Said
from bot.talk.kinds import Several
from bot.text import Listed, Name, _, p_
from handlers.kinds.typed import typed
from storage.spelling import Lexicon

PAGE = 8
_MORE, _DONE = "!more", "!done"
_PARTS = re.compile(r"[,;/\n،؛、]")
_LONGEST = 300


class Names(Several):
    """Boxes on pages of ``PAGE``, or names in one line, in any language that the lexicon knows, typos forgiven.

    ``chosen`` are the boxes ticked from the start. Names that are written before any box is touched take their
    place and are the whole answer; names written later are added to what is ticked. A draft is a list of ids, or
    ``{"ticked": ids, "page": number}``.
    """

    def __init__(
        self,
        options: Sequence[Option],
        lexicon: Lexicon,
        *,
        at_least: int,
        at_most: int,
        likely: Sequence[str] = (),
        chosen: Sequence[str] = (),
    ) -> None:
        by_id = {option.id: option for option in options}
        first = {code: by_id[code] for code in likely if code in by_id}
        super().__init__(list((first | by_id).values()), at_least=at_least, at_most=at_most)
        self._lexicon, self._chosen = lexicon, [code for code in chosen if code in by_id]

    def options(self, draft: Any) -> list[Option]:
        """One page of boxes, with those ticked on other pages above it."""
        ticked, page = self._stand(draft)
        shown = self._all[page * PAGE : (page + 1) * PAGE]
        above = [o for o in self._all if o.id in ticked and o not in shown]
        boxes = [Option(o.id, o.label, o.id in ticked) for o in (*above, *shown)]
        if len(self._all) > PAGE:
            # Translators: a button; it shows the next page of a list.
            boxes.append(Option(_MORE, p_("button", "More")))
        if len(ticked) >= self.at_least:
            boxes.append(Option(_DONE, p_("button", "✓ Done")))
        return boxes

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """Tick a box, turn the page, finish, or take names."""
        ticked, page = self._stand(draft)
        if said.option == _MORE:
            return Again(None, {"ticked": ticked, "page": (page + 1) % -(-len(self._all) // PAGE)})
        words = None if said.option == _DONE else typed(said)
        if words is None:
            answer = super().read(Said(option=said.option or "", pressed=said.pressed), ticked)
        else:
            answer = self._written(words, said.option, [] if draft is None else ticked, draft)
        return answer if isinstance(answer, Kept) else Again(answer.note, {"ticked": answer.draft, "page": page})

    def found(self, text: str) -> list[str]:
        """The ids that one part of a line names."""
        return [code for code in self._lexicon.find_all(text) if code in self._labels]

    def _written(self, words: str, resembling: str | None, ticked: list[str], draft: Any) -> Kept | Again:
        """Take a line of names, or of numbers of the boxes that stand in the question."""
        parts = [part.strip() for part in _PARTS.split(words[:_LONGEST]) if part.strip()]
        found = {part: self._numbered(part, draft) or self.found(part) for part in parts}
        unknown = [part for part, codes in found.items() if not codes]
        codes = [code for part in found.values() for code in part]
        if not codes and resembling in self._labels:
            codes, unknown = [str(resembling)], []
        whole = list(dict.fromkeys([*ticked, *codes]))
        if not codes:
            return Again(_("I did not find that on the list. Choose, or write the names with commas."), ticked)
        if unknown:
            # Translators: {words} are what somebody wrote and is on no list of ours.
            missing = _("I did not find: {words}", words=Listed(tuple(Name(part[:40]) for part in unknown)))
            return Again(missing, whole[: self.at_most])
        return self._within(whole)

    def _numbered(self, part: str, draft: Any) -> list[str]:
        if not part.isdecimal() or len(part) > 3:
            return []
        shown = self.options(draft)
        place = int(part) - 1
        return [shown[place].id] if 0 <= place < len(shown) and shown[place].id in self._labels else []

    def _stand(self, draft: Any) -> tuple[list[str], int]:
        """What is ticked, and which page is open."""
        if draft is None:
            return list(self._chosen), 0
        if isinstance(draft, dict):
            return list(draft["ticked"]), int(draft["page"])
        return list(draft), 0
