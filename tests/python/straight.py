"""The shortest way from nothing to the first sound at home, with each action of a person counted, and what pages look like.

The pages are reached by plain http at an address of the home, as most people reach them.
"""

import os

from browser import BASE, PHONE, WIDE, ask, expect, run
from person import Person, developer, household
from pictures import References

HOME = BASE.replace("127.0.0.1", "192.168.1.5")
MOST = 20
# The states of which pictures are made: `1` stands for all of them.
STATES = ("login", "empty", "half", "playing", "broken")
ASKED = os.environ.get("ALL_PICTURES", "")
ALL = STATES if ASKED == "1" else ASKED.split(",")
PAGES = (
    "setup/sign-in", "setup/address", "setup/amazon", "setup/skill", "setup/music-assistant", "setup/sound", "status",
    "devices", "settings", "log",
)


def story(visit):
    page, person, references = visit.page, Person(visit), References(visit)
    page.goto(f"{HOME}/login")
    references.compare("login", "light", "phone")
    pictures(visit, "login", ("login",))
    person.outside("start the program with the name of the door")
    person.outside("lead the name home (DNS)")
    person.outside("forward port 443 (router)")
    person.outside("open the link of the terminal")
    page.goto(HOME + os.environ["LINK"])
    page.set_viewport_size(WIDE)
    person.click("main form button", "sign in")
    page.wait_for_selector(".setup")
    if "empty" in ALL:
        # The page of the address goes on by itself.
        pictures(visit, "empty", [name for name in PAGES if name != "setup/address"])
        page.goto(f"{HOME}/setup")
    # The address is checked by itself, and the page goes on.
    page.wait_for_url("**/setup/amazon*")
    developer(person)
    household(person)
    references_half(visit, references)
    page.wait_for_selector("#skill-form form > button")
    person.click("#skill-form form > button", "create the skill")
    page.wait_for_url("**/setup/music-assistant*", timeout=180_000)
    page.wait_for_selector("#pairing-job .line.is-done", timeout=60_000)
    person.outside("add the provider of media renderers (Music Assistant)")
    ask("find")
    page.wait_for_selector("#players-seen .message.good")
    person.outside("press play (Music Assistant)")
    ask("play")
    page.wait_for_selector(".rail-wide li.is-done a[href='/setup/sound']", timeout=60_000)
    person.has_done_at_most(MOST)
    afterwards(visit, references)


def references_half(visit, references):
    page = visit.page
    page.goto(f"{HOME}/setup/amazon")
    page.wait_for_selector("#household .badge.good")
    references.compare("setup-amazon", "light", "wide")
    page.goto(f"{HOME}/setup/skill")
    references.compare("setup-skill", "dark", "phone")
    pictures(visit, "half", PAGES)
    page.goto(f"{HOME}/setup/skill")


def afterwards(visit, references):
    page = visit.page
    page.goto(f"{HOME}/log")
    states = page.eval_on_selector_all(".chain > li", "all => all.map(one => one.className)")
    expect(states == ["lit"] * 6, f"the chain of the play: {states}")
    references.compare("log", "light", "wide")
    references.compare("log", "dark", "phone")
    page.goto(f"{HOME}/status")
    # Of a check that was due the page says until its end that it runs.
    page.wait_for_selector("[data-step]", state="detached")
    page.evaluate("Promise.all([...document.images].map(image => image.decode()))")
    references.compare("home", "light", "wide")
    changes = {
        "a card that moved": (".players .card", "margin-top", "48px"),
        "a colour that was lost": (".badge.good, button.primary", "filter", "grayscale(1)"),
        "a card that is gone": (".quiet-echos", "display", "none"),
    }
    references.proves_itself("home", "light", "wide", changes)
    page.goto(f"{HOME}/devices")
    references.compare("devices", "light", "phone")
    references.compare("devices", "dark", "wide")
    pictures(visit, "playing", PAGES)
    if "broken" in ALL:
        ask("fail")
        pictures(visit, "broken", PAGES)


def pictures(visit, state, names):
    """Pictures of these pages for people: in each language, light, and size."""
    if state not in ALL:
        return
    page = visit.page
    for name in names:
        for language in ("en", "de", "fr"):
            for light, size, viewport in (("light", "wide", WIDE), ("dark", "phone", PHONE)):
                page.emulate_media(color_scheme=light)
                page.set_viewport_size(viewport)
                page.goto(f"{HOME}/{name}?lang={language}")
                page.wait_for_timeout(150)
                path = f"{state}-{name.replace('/', '-')}-{language}-{size}-{light}.png"
                page.screenshot(path=f"{os.environ['PICTURES']}/{path}", full_page=True)
                wide = page.evaluate("document.documentElement.scrollWidth")
                expect(wide <= viewport["width"], f"{path} is {wide} wide")
    page.goto(f"{HOME}/login?lang=en")
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")


run("en-US", story)
