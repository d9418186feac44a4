"""From an empty store to the first sound, through the pages alone."""

import os
import re

from browser import BASE, ask, expect, run

DOOR = "https://music.example.com"


def story(visit):
    page = visit.page
    page.goto(f"{BASE}/")
    visit.look("login")
    page.fill("#username", os.environ["OWNER"])
    page.fill("#password", "not this one at all")
    page.press("#password", "Enter")
    page.wait_for_selector("[role=alert]")
    visit.log_in()
    skip_to_the_content(page)
    visit.look("setup-empty")
    streams(visit)
    developer(page)
    skill(visit)
    echos(visit)
    music_assistant(page)
    pair(page)
    first_sound(visit)
    status(visit)
    devices(visit)
    page.goto(f"{BASE}/setup")
    visit.look("setup-done")
    expect(page.locator("section.step-done").count() == 8, "not all steps are done")
    in_german(visit)
    page.click("footer form button")
    page.wait_for_url("**/login")


def skip_to_the_content(page):
    page.keyboard.press("Tab")
    expect(page.evaluate("document.activeElement.className") == "skip", "the first stop is the skip link")
    page.keyboard.press("Enter")
    expect(page.evaluate("location.hash") == "#main", "the skip link leads to the content")


def streams(visit):
    page = visit.page
    page.fill("#door_url", "http://music.example.com")
    page.click("#streams form[action='/setup/addresses'] button.primary")
    page.wait_for_selector("#door_url-problem")
    page.fill("#door_url", DOOR)
    page.click("#streams form[action='/setup/addresses'] button.primary")
    page.wait_for_selector("section#streams.step-done")
    page.click("#streams summary:has-text('Your own proxy')")
    page.click("[data-copy='#door-caddy']")
    caddy = page.evaluate("navigator.clipboard.readText()")
    expect("music.example.com {" in caddy and "reverse_proxy 127.0.0.1:5001" in caddy, caddy)
    page.evaluate("document.querySelectorAll('#streams details').forEach(details => details.open = true)")
    visit.look("setup-door")


def developer(page):
    page.fill("#client-id", os.environ["CLIENT_ID"])
    page.fill("#client-secret", os.environ["CLIENT_SECRET"])
    page.click("#developer form[action='/setup/developer/begin'] button")
    page.click("a.button.primary")
    page.wait_for_url("**/setup*")
    page.wait_for_selector("section#developer.step-done")


def skill(visit):
    page = visit.page
    page.fill("#invocation_name", "alexa music")
    page.wait_for_selector("#skill .message.bad")
    page.fill("#invocation_name", "")
    expect(f"{DOOR}/" in page.locator("#skill").inner_text(), "Alexa calls the door")
    page.click("#skill form[action='/setup/language'] button.primary")
    page.wait_for_selector("#skill a.button.primary")
    page.click("#skill a.button.primary")
    visit.look("setup-plan")
    page.click("form[action='/setup/skill'] button.primary")
    page.wait_for_selector("#skill-job")
    visit.look("setup-building")
    page.wait_for_selector("#skill-job .message.good", timeout=180_000)


def echos(visit):
    page = visit.page
    page.click("#amazon form[action='/setup/amazon/begin'] button")
    with page.expect_popup() as popup:
        page.click("#amazon a.button")
    popup.value.close()
    expect(visit.landing.startswith("https://www.amazon.com/ap/maplanding"), visit.landing)
    page.fill("#amazon-address", visit.landing)
    page.click("#amazon form[action='/setup/amazon/complete'] button")
    page.wait_for_selector("section#amazon.step-done")


def music_assistant(page):
    page.fill("#api_url", BASE)
    page.click("#music-assistant form[action='/setup/api-url'] button")
    page.click("[data-copy='#ma-url']")
    expect(page.evaluate("navigator.clipboard.readText()") == BASE, "the address is copied")
    page.click("#music-assistant summary")
    password = page.input_value("#ma-password")
    user = page.input_value("#ma-username")
    ask(f"load-provider {user} {password}")
    page.wait_for_selector("#ma-seen .message.good")


def pair(page):
    page.click("#pair form button")
    page.wait_for_selector("main ul.tasks")
    page.goto(f"{BASE}/setup")


def first_sound(visit):
    page = visit.page
    ask("play")
    page.wait_for_selector("#first-sound .first-sound")
    visit.look("setup-first-sound")


def status(visit):
    page = visit.page
    page.goto(f"{BASE}/status")
    page.click("form[action='/status/check'] button")
    page.wait_for_selector("#health > .message.good")
    visit.look("status")
    art = page.locator("img").first
    expect(art.evaluate("image => image.complete && image.naturalWidth > 0"), "the art is not shown")


def devices(visit):
    page = visit.page
    page.goto(f"{BASE}/devices")
    visit.look("devices")


def in_german(visit):
    page = visit.page
    for name in ("setup", "status", "devices"):
        page.goto(f"{BASE}/{name}?lang=de")
        expect(page.evaluate("document.documentElement.lang") == "de", name)
        text = page.locator("body").inner_text()
        expect(not re.search(r"\b(setup|status|devices|doctor|skill)-[a-z-]+", text), f"{name} shows a key: {text}")
        visit.look(f"{name}-german")


run("en-US", story)
