"""The pages in a frame of Home Assistant: below its path, and without a login."""

import os
from urllib.parse import urlsplit

from browser import BASE, expect, run

INGRESS = os.environ["INGRESS"]


def story(visit):
    page = visit.page
    asked = []
    visit.context.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.goto(f"{BASE}/")
    frame = page.query_selector("iframe").content_frame()
    frame.wait_for_url(f"**{INGRESS}/setup")
    expect(frame.locator("input[type=password][autocomplete=current-password]").count() == 0, "it asks for a login")
    expect(frame.locator("[action$='/logout']").count() == 0, "it offers a log-out")
    with page.expect_request(lambda request: request.url.endswith(f"{INGRESS}/devices/events")):
        frame.click(f"header a[href='{INGRESS}/devices']")
    frame.wait_for_url(f"**{INGRESS}/devices")
    frame.click(f"header a[href='{INGRESS}/status']")
    frame.wait_for_url(f"**{INGRESS}/status")
    with page.expect_response(lambda response: response.request.method == "POST") as checked:
        frame.click(f"form[action='{INGRESS}/status/check'] button")
    expect(checked.value.status in (200, 303), f"the form is answered with {checked.value.status}")
    in_german(frame)
    for path in asked:
        expect(path == "/" or path.startswith(f"{INGRESS}/"), f"a request to {path}")
    page.goto(f"{BASE}{INGRESS}/setup?lang=en")
    visit.look("ingress-setup")


def in_german(frame):
    frame.click("footer a[hreflang=de]")
    frame.wait_for_selector("html[lang=de]")
    frame.click(f"header a[href='{INGRESS}/setup']")
    frame.wait_for_url(f"**{INGRESS}/setup")
    expect(frame.evaluate("document.documentElement.lang") == "de", "the language is kept")


run("en-GB", story)
