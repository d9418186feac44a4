"""The shortest way from nothing to the first sound in AWS, where the pages have to ask for what is new.

The pages are reached as by https: Amazon leads back to them by itself.
"""

import os

from browser import BASE, ask, expect, run
from person import Person, household

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
    developer_and_back(person)
    household(person)
    page.wait_for_selector("#skill-form form > button")
    visit.check("skill")
    person.click("#skill-form form > button", "create the skill")
    page.wait_for_url("**/setup/music-assistant*", timeout=180_000)
    page.wait_for_selector("#pairing-job .line.is-done", timeout=60_000)
    visit.check("music-assistant")
    person.outside("add the provider of media renderers (Music Assistant)")
    page.goto(f"{BASE}/setup/sound")
    tone(visit)
    person.outside("press play (Music Assistant)")
    ask("play")
    page.wait_for_selector("#first-sound .first-sound", timeout=60_000)
    visit.check("sound")
    person.has_done_at_most(MOST)
    polls(visit)


def developer_and_back(person):
    page = person.page
    page.wait_for_selector("#developer-form")
    person.opens("#developer .steps a.button", "open Amazon's console")
    person.click("[data-copy='#developer-return']", "copy the return address")
    person.outside("make a security profile with it (Amazon)")
    person.fill("#client-id", os.environ["CLIENT_ID"], "paste its client id")
    person.fill("#client-secret", os.environ["CLIENT_SECRET"], "paste its client secret")
    person.outside("allow it (Amazon)")
    person.click("#developer-form button.primary", "begin the sign-in of the developer account")
    page.wait_for_selector("#developer .badge.good")


def tone(visit):
    """The test tone, which no count needs: each link lights up until the Echo plays it."""
    page = visit.page
    page.click("#tone button")
    page.wait_for_selector("#first-sound .chain >> nth=0 >> li.lit:last-child", timeout=60_000)


def polls(visit):
    """Nothing here comes by itself."""
    page = visit.page
    for name in ("status", "devices", "log"):
        page.goto(f"{BASE}/{name}")
        expect(page.locator("[data-live]").count() > 0, f"{name} asks for nothing")
        expect(page.locator("[data-events]").count() == 0, f"{name} waits for events")
        visit.check(name)


if __name__ == "__main__":
    run("en-US", story)
