"""From nothing to the test tone and the first sound below the path of Home Assistant, without a login."""

from browser import BASE, ask, expect, run
from person import Person, developer, household


def story(visit):
    page, person = visit.page, Person(visit)
    page.goto(f"{BASE}/")
    # The address is checked by itself, and the page goes on.
    page.wait_for_selector("#developer-form")
    visit.check("amazon")
    developer(person)
    household(person)
    page.wait_for_selector("#skill-form form > button")
    person.click("#skill-form form > button", "create the skill")
    page.wait_for_url("**/setup/music-assistant*", timeout=180_000)
    page.wait_for_selector("#pairing-job .line.is-done", timeout=60_000)
    visit.check("music-assistant")
    provider(visit)
    page.goto(f"{BASE}/setup/sound")
    visit.hears_a_tone()
    ask("play")
    page.wait_for_selector("#first-sound .first-sound", timeout=60_000)
    visit.check("sound")
    page.goto(f"{BASE}/setup")
    expect(page.locator(".rail-wide li.is-done").count() == 6, "not all steps are done")


def provider(visit):
    """What Music Assistant's Alexa provider needs, which is the way of an add-on."""
    page = visit.page
    if not page.locator("#provider[open]").count():
        page.click("#provider > summary")
    page.click("#provider details:has(#ma-password) summary")
    user, password = page.input_value("#ma-username"), page.input_value("#ma-password")
    ask(f"load-provider {user} {password}")
    page.wait_for_selector("#ma-seen .message.good")


run("en-GB", story)
