"""From an empty store to the first sound, through the pages alone."""

import os
import re

from browser import BASE, PHONE, WIDE, ask, expect, run

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
    address(visit)
    developer(visit)
    household(visit)
    skill(visit)
    music_assistant(visit)
    first_sound(visit)
    status(visit)
    devices(visit)
    visit.use_a_token(lambda: visit.look("settings-token"))
    page.goto(f"{BASE}/setup")
    visit.look("setup-done")
    expect(page.locator(".rail-wide li.is-done").count() == 6, "not all steps are done")
    moved_places(page)
    in_german(visit)
    page.click("footer form button")
    page.wait_for_url("**/login")


def skip_to_the_content(page):
    page.keyboard.press("Tab")
    expect(page.evaluate("document.activeElement.className") == "skip", "the first stop is the skip link")
    page.keyboard.press("Enter")
    expect(page.evaluate("location.hash") == "#main", "the skip link leads to the content")


def next_step(page, name):
    page.click("#setup-foot a.button.primary")
    page.wait_for_url(f"**/setup/{name}")


def led_to(page, name, timeout=30_000):
    """Waits for the page of a step. Its address stands there before it is loaded."""
    page.wait_for_selector(f".rail-wide a[href='/setup/{name}'][aria-current]", timeout=timeout)


def address(visit):
    page = visit.page
    page.wait_for_selector("section#address")
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)
        page.fill("#door_url", "http://music.example.com")
        page.click("#address-check button.primary")
        visit.said("#door_url-problem", "https://")
        expect(page.input_value("#door_url") == "http://music.example.com", "what was typed stays")
    page.fill("#door_url", "nowhere.example.com")
    page.click("#address-check button.primary")
    page.wait_for_selector("#address-lines .line.is-failed")
    page.wait_for_selector("#address-lines .message.bad")
    visit.said("#address-lines .line.is-failed", "nowhere.example.com")
    expect(page.locator("#address-outside").is_visible(), "there is a way out for a server that sees itself not")
    visit.look("setup-address-failed")
    page.fill("#door_url", DOOR.removeprefix("https://"))
    page.click("#address-check button.primary")
    page.wait_for_selector("#address-lines .message.good")
    visit.said("#address-lines .message.good", "The address works.")
    # What is done leads on.
    led_to(page, "amazon")
    page.goto(f"{BASE}/setup/address")
    page.wait_for_selector(".rail-wide li.is-done a[href='/setup/address']")
    page.click("#address summary:has-text('Your own proxy')")
    page.click("[data-copy='#door-caddy']")
    caddy = page.evaluate("navigator.clipboard.readText()")
    expect("music.example.com {" in caddy and "reverse_proxy 127.0.0.1:5001" in caddy, caddy)
    page.evaluate("document.querySelectorAll('#address details').forEach(details => details.open = true)")
    visit.look("setup-address")
    next_step(page, "amazon")


def developer(visit):
    page = visit.page
    visit.look("setup-amazon")
    page.fill("#client-id", "not a client id")
    page.fill("#client-secret", "secret")
    page.click("#developer-form button.primary")
    visit.said("#developer-form .said .message", "client id")
    expect(page.input_value("#client-id") == "not a client id", "the client id stays")
    page.fill("#client-id", os.environ["CLIENT_ID"])
    page.fill("#client-secret", os.environ["CLIENT_SECRET"])
    # Amazon leads back to this machine's own address, and the person signs in on the way.
    page.click("#developer-form button.primary")
    page.wait_for_selector("#developer .badge.good")


def household(visit):
    page = visit.page
    with page.expect_popup() as popup:
        page.click("#household form[action='/setup/amazon/begin'] button")
    popup.value.close()
    page.wait_for_selector("#household-paste")
    page.reload()
    page.fill("#amazon-address", "https://www.amazon.com/ap/signin")
    page.click("#household-paste button.primary")
    visit.said("#household-paste .said .message", "not the address to paste")
    visit.look("setup-amazon-waits")
    with page.expect_popup() as popup:
        page.click("#household .steps a.button.primary")
    popup.value.close()
    expect(visit.landing.startswith("https://www.amazon.com/ap/maplanding"), visit.landing)
    page.fill("#amazon-address", visit.landing)
    page.click("#household-paste button.primary")
    led_to(page, "skill")
    page.goto(f"{BASE}/setup/amazon")
    page.wait_for_selector("#household .badge.good")
    visit.look("setup-amazon-done")
    next_step(page, "skill")


def skill(visit):
    page = visit.page
    page.click("#skill summary:has-text('Advanced')")
    page.fill("#invocation_name", "alexa music")
    page.wait_for_selector("#skill .message.bad")
    page.click("#skill-form form > button")
    visit.said("#invocation_name-problem", "Echo")
    page.fill("#invocation_name", "")
    expect(f"{DOOR}/" in page.locator("#skill").inner_text(), "Alexa calls the door")
    visit.look("setup-skill")
    page.click("#skill-form form > button")
    page.wait_for_selector("#skill-job .line")
    visit.look("setup-building")
    led_to(page, "music-assistant", timeout=180_000)
    page.goto(f"{BASE}/setup/skill")
    page.click("#skill-form > summary")
    page.click("#skill-form button:has-text('Save and show changes')")
    page.wait_for_selector("#skill-plan")
    visit.look("setup-plan")
    page.goto(f"{BASE}/setup/music-assistant")


def music_assistant(visit):
    page = visit.page
    page.wait_for_selector("#pairing-job .line.is-done", timeout=60_000)
    page.wait_for_selector("#pairing-job form button")
    visit.look("setup-pairing")
    page.fill("#api_url", "not an address at all")
    page.click("#provider form[action='/setup/api-url'] button")
    visit.said("#api_url-problem", "http")
    page.fill("#api_url", BASE)
    page.click("#provider form[action='/setup/api-url'] button")
    page.wait_for_selector("#provider .said .message.good")
    page.click("[data-copy='#ma-url']")
    page.wait_for_selector("[data-copy='#ma-url']:has-text('✓')")
    expect(page.evaluate("navigator.clipboard.readText()") == BASE, "the address is copied")
    page.click("#provider details:has(#ma-password) summary")
    password = page.input_value("#ma-password")
    user = page.input_value("#ma-username")
    ask(f"load-provider {user} {password}")
    page.wait_for_selector("#ma-seen .message.good")
    visit.look("setup-music-assistant")
    page.wait_for_selector("#setup-foot a.button.primary")
    next_step(page, "sound")


def first_sound(visit):
    page = visit.page
    visit.look("setup-sound")
    visit.hears_a_tone()
    visit.look("setup-tone")
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


def moved_places(page):
    """Links of older releases find their step."""
    for old, new in (("streams", "address"), ("amazon", "amazon#household"), ("pair", "music-assistant#pairing")):
        page.goto(f"{BASE}/status")
        page.goto(f"{BASE}/setup#{old}")
        page.wait_for_url(f"**/setup/{new}")


def in_german(visit):
    page = visit.page
    steps = ("sign-in", "address", "amazon", "skill", "music-assistant", "sound")
    for name in (*(f"setup/{step}" for step in steps), "status", "devices"):
        page.goto(f"{BASE}/{name}?lang=de")
        expect(page.evaluate("document.documentElement.lang") == "de", name)
        text = page.locator("body").inner_text()
        expect(not re.search(r"\b(setup|status|devices|doctor|skill)-[a-z-]+", text), f"{name} shows a key: {text}")
        visit.look(f"{name.replace('/', '-')}-german")


run("en-US", story)
