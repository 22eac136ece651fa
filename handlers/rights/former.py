"""What is said in place of the name of somebody who is gone."""

from __future__ import annotations

from bot.text import p_

FORMER = p_("person", "a former member")
