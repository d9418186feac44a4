"""The shortest way from nothing to the first sound in AWS, where the pages have to ask for what is new.

The pages are reached as by https: Amazon leads back to them by itself.
"""

import os

from browser import BASE, ask, expect, run
from person import Person, developer, household

MOST = 24


def story(visit):
    page, person = visit.page, Person(visit)
    for what in (
        "install Rust and the tools",
        "sign in to AWS (aws configure)",
        "deploy with the name of the home (infra/deploy)",
        "lead the name home (DNS)",
        "forward the port (router)",
        "start the door at home",
        "start the bridge at home",
        "open the link of the deploy",
    ):
        person.outside(what)
    page.goto(BASE + os.environ["LINK"])
    person.click("main form button", "sign in")
    # The address is checked by itself, and the page goes on.
    page.wait_for_selector("#developer-form")
    visit.check("amazon")
    developer(person, is_led_back=True)
    household(person)
    page.wait_for_selector("#skill-form form > button")
    visit.check("skill")
    person.click("#skill-form form > button", "create the skill")
    page.wait_for_url("**/setup/music-assistant*", timeout=180_000)
    page.wait_for_selector("#pairing-job .line.is-done", timeout=60_000)
    visit.check("music-assistant")
    person.outside("add the provider of media renderers (Music Assistant)")
    page.goto(f"{BASE}/setup/sound")
    visit.hears_a_tone()
    person.outside("press play (Music Assistant)")
    ask("play")
    page.wait_for_selector("#first-sound .first-sound", timeout=60_000)
    visit.check("sound")
    person.has_done_at_most(MOST)
    polls(visit)


def polls(visit):
    """Nothing here comes by itself."""
    page = visit.page
    for name in ("status", "devices", "log"):
        page.goto(f"{BASE}/{name}")
        expect(page.locator("[data-live]").count() > 0, f"{name} asks for nothing")
        expect(page.locator("[data-events]").count() == 0, f"{name} waits for events")
        visit.check(name)


run("en-US", story)
