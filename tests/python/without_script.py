"""The pages without a script: each form leads back to its page, and says beside its button how it went."""

import os

from browser import BASE, PHONE, WIDE, amazon, ask, expect, run


def story(visit):
    page = visit.page
    visit.log_in()
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)
        wrong_inputs(visit)
        visit.use_a_token()
    page.goto(f"{BASE}/setup/address")
    page.fill("#door_url", "music.example.com")
    page.click("#address-check button.primary")
    visit.said("#address-lines .message.good", "The address works.")
    page.click("#setup-foot a.button.primary")
    page.wait_for_url("**/setup/amazon")
    page.fill("#client-id", os.environ["CLIENT_ID"])
    page.fill("#client-secret", os.environ["CLIENT_SECRET"])
    page.click("#developer-form button.primary")
    page.fill("#developer-address", "https://example.com/nothing")
    page.click("#developer-paste button")
    visit.said("#developer-paste .said .message", "address")
    page.click("#developer .steps a.button.primary")
    page.wait_for_selector("#developer .badge.good")
    volume_on_home(visit)


def volume_on_home(visit):
    """A volume is answered in the card of its player, and the person stays on the first page."""
    page = visit.page
    page.goto(f"{BASE}/setup/amazon")
    page.click("#household form[action='/setup/amazon/begin'] button")
    _, landing = amazon(page.get_attribute("#household .steps a.button.primary", "href"))
    page.fill("#amazon-address", landing)
    page.click("#household-paste button.primary")
    page.wait_for_url("**/setup/skill")
    ask("push")
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)
        page.goto(f"{BASE}/status")
        page.fill(".player .volume input[type=range]", "45")
        page.click(".player .volume button")
        page.wait_for_url("**/status#player-*")
        visit.said(".player .said .message", "The volume of Küche is 45.")


def wrong_inputs(visit):
    page = visit.page
    page.goto(f"{BASE}/setup/address")
    page.fill("#door_url", "http://music.example.com")
    page.click("#address-check button.primary")
    visit.said("#door_url-problem", "https://")
    expect(page.input_value("#door_url") == "http://music.example.com", "what was typed stays")
    page.fill("#door_url", "nowhere.example.com")
    page.click("#address-check button.primary")
    visit.said("#address-lines .line.is-failed", "nowhere.example.com")
    page.goto(f"{BASE}/setup/amazon")
    page.fill("#client-id", "not a client id")
    page.fill("#client-secret", "secret")
    page.click("#developer-form button.primary")
    visit.said("#developer-form .said .message", "client id")
    expect(page.input_value("#client-id") == "not a client id", "the client id stays")
    expect(page.input_value("#client-secret") == "", "a secret does not")
    page.goto(f"{BASE}/setup/amazon")
    page.click("#household form[action='/setup/amazon/begin'] button")
    page.fill("#amazon-address", "https://www.amazon.com/ap/signin")
    page.click("#household-paste button.primary")
    visit.said("#household-paste .said .message", "not the address to paste")
    page.goto(f"{BASE}/setup/skill")
    page.click("#skill summary:has-text('Advanced')")
    page.fill("#invocation_name", "alexa music")
    page.click("#skill-form form > button")
    visit.said("#invocation_name-problem", "Echo")
    page.goto(f"{BASE}/setup/music-assistant")
    page.fill("#api_url", "not an address at all")
    page.click("#provider form[action='/setup/api-url'] button")
    visit.said("#api_url-problem", "http")


run("en-US", story, script=False)
