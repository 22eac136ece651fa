"""A newcomer registers, finds partner schools, and looks after a profile."""

from __future__ import annotations

from tests.stories.telling import register
from tests.world import World


async def test_a_newcomer_registers_with_typos_and_a_change_of_mind(world: World) -> None:
    amina = await world.actor("Amina")
    await amina.says("/start", hears="Welcome to twinbot")
    await amina.chooses("Register", hears="What may partner teachers call you?")
    await amina.says("Amina Diallo", hears="Which country do you teach in?")
    # A typo, in Polish.
    await amina.says("Portugalja", hears="Which school?")
    await amina.says("back", hears="Which country do you teach in?")
    await amina.says("Griechenland", hears="Which school?")
    await amina.says("Karvala", hears="77ο ΕΠΑΛ")
    await amina.chooses("77ο ΕΠΑΛ", hears="4/7")
    await amina.chooses("Foreign languages")
    await amina.says("musik, histroy", hears="Which languages can you work in")
    await amina.chooses("Greek", hears="Done")
    await amina.chooses("English")
    await amina.chooses("Done", hears="How old are your pupils?")
    await amina.says("between 15 and 17", hears="What are you looking for?")
    summary = await amina.says("A class that sings", hears="Is everything right?")
    for line in ("Amina Diallo", "Greece", "Καβάλα · Vocational", "Foreign languages, Music, History"):
        assert line in summary
    for line in ("Greek, English", "15–17", "A class that sings"):
        assert line in summary

    await amina.chooses("Change: Country", hears="Which country do you teach in?")
    # The school is in the other country, so it is asked again.
    await amina.says("Autsria", hears=["The country has changed", "Which school?"])
    await amina.says("Waldschule", hears="Add my school")
    await amina.chooses("Add my school", hears=["What is its full name?", "Waldschule"])
    await amina.says("Waldschule am Inn", hears="In which town")
    await amina.says("Innsbruck", hears="Which level")
    summary = await amina.chooses("Upper secondary", hears="Is everything right?")
    assert "Waldschule am Inn, Innsbruck · Upper secondary" in summary
    assert "Austria" in summary
    assert "A class that sings" in summary

    await amina.chooses("Save", hears=["Welcome, Amina Diallo!", "Find partners"])
    await amina.chooses("Find partners", hears="Partners for you")


async def test_partners_page_by_page_and_filtered_in_place(world: World) -> None:
    amina = await world.actor("Amina")
    await register(amina)
    first = await amina.says("/partners", hears=["Partners for you", "5. ", "More"])
    assert "You both work in: English" in first
    second = await amina.chooses("More", hears=["6. ", "Previous"])
    assert "\n1. " not in second.partition("[")[0]
    await amina.chooses("Previous", hears=["\n\n1. ", "5. "])
    await amina.chooses("Filters", hears="What do you want to filter by?")
    await amina.chooses("Country", hears="Which countries should your partners be in?")
    await amina.says("Germany, Turky", hears="Looking for: Germany, Türkiye")
    await amina.chooses("Clear filters", hears="anyone who shares a language with you")
    narrow = await amina.says("Iceland, 4", hears=["Looking for: Iceland", "How many there would be:"])
    assert "Any country" in narrow
    loosened = await amina.chooses("Any country", hears="Looking for: ages: 4")
    assert "Iceland" not in loosened.partition("1. ")[0]
    await amina.chooses("Clear filters", hears="anyone who shares a language with you")
    await amina.says("/partners Italy, music", hears="Looking for: Italy · Music")


async def test_profile_shows_and_changes_each_line(world: World) -> None:
    amina = await world.actor("Amina")
    await register(amina)
    await amina.says("/profile", hears=["Your profile", "Others can find you once you are verified."])
    await amina.chooses("Change: Name", hears="What may partner teachers call you?")
    await amina.says("Amina D.", hears=["Saved.", "Name: Amina D."])
    await amina.chooses("Change: Subjects", hears="What do you teach?")
    await amina.says("physics", hears=["Saved.", "Subjects: Physics\n"])
    await amina.chooses("Change: Country", hears="Which country")
    await amina.says("Polska", hears="Which school?")
    await amina.says("kielce", hears="Szkoła Podstawowa nr 77")
    await amina.chooses("Szkoła Podstawowa nr 77", hears=["Saved.", "Country: Poland", "Kielce · Primary"])
    await amina.chooses("Not looking now", hears="nobody finds you")
    await amina.chooses("Looking again", hears="Others can find you once you are verified.")
