"""The shortest way from nothing to the first sound at home, with each action of a person counted, and what pages look like.

An action is a click, a field that is filled, a text that is pasted, or one thing elsewhere: in the router, at Amazon, in
Music Assistant. The pages are reached by plain http at an address of the home, as most people reach them.
"""

import os

from browser import BASE, PHONE, WIDE, ask, expect, run
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


class Person:
    """Does one action after the other, and counts them."""

    def __init__(self, visit):
        self.visit = visit
        self.page = visit.page
        self.actions = []

    def outside(self, what):
        self.actions.append(what)

    def click(self, selector, what):
        self.actions.append(what)
        self.page.click(selector)

    def opens(self, selector, what):
        """A click that opens another tab, which is closed."""
        with self.page.expect_popup() as popup:
            self.click(selector, what)
        popup.value.close()

    def leaves(self, selector, what):
        """A click that opens a tab of Amazon, which leads to a page that is not found."""
        self.visit.landing = None
        with self.page.expect_popup() as popup:
            self.click(selector, what)
        for _ in range(400):
            if self.visit.landing:
                break
            popup.value.wait_for_timeout(50)
        expect(self.visit.landing, "no tab of Amazon opened")
        popup.value.close()

    def fill(self, selector, value, what):
        self.actions.append(what)
        self.page.fill(selector, value)

    def paste(self, selector, value, what):
        """By the clipboard, which a page has at this machine's own address alone."""
        self.actions.append(what)
        other = self.visit.context.new_page()
        other.goto(f"{BASE}/login")
        other.evaluate("text => navigator.clipboard.writeText(text)", value)
        other.close()
        self.page.focus(selector)
        self.page.keyboard.press("Control+v")


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
    accounts(person)
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
    for number, what in enumerate(person.actions, 1):
        print(f"{number:>3}  {what}", flush=True)
    expect(len(person.actions) <= MOST, f"{len(person.actions)} actions, at most {MOST}")
    afterwards(visit, references)


def accounts(person):
    page, visit = person.page, person.visit
    page.wait_for_selector("#developer-form")
    person.opens("#developer .steps a.button", "open Amazon's console")
    person.click("[data-copy='#developer-return']", "copy the return address")
    person.outside("make a security profile with it (Amazon)")
    person.fill("#client-id", os.environ["CLIENT_ID"], "paste its client id")
    person.fill("#client-secret", os.environ["CLIENT_SECRET"], "paste its client secret")
    person.leaves("#developer-form button.primary", "begin the sign-in of the developer account")
    person.outside("allow it (Amazon)")
    person.paste("#developer-address", visit.landing, "paste the address of the page that is not found")
    page.wait_for_selector("#developer .badge.good")
    person.leaves("#household form[action='/setup/amazon/begin'] button", "begin the sign-in of the Echos' account")
    person.outside("sign in (Amazon)")
    person.paste("#amazon-address", visit.landing, "paste the address of the page that is not found")
    page.wait_for_url("**/setup/skill*")


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
