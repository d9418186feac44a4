"""What a test of the pages needs of a browser: Chromium that reaches only the server and a pretended Amazon, pictures
of every page in every light, and a look at each with axe for what keeps people out.

A test passes its settings as variables and speaks with this process line by line: `ask("play")` writes `do play` and waits
for an answer.
"""

import http.client
import os
import sys
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

BASE = os.environ["BASE"]
AMAZON = os.environ["AMAZON"]
PICTURES = os.environ["PICTURES"]

# Nothing that runs in the background, which would look for Google's hosts; as root there is no sandbox.
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--host-resolver-rules=MAP 192.168.1.5 127.0.0.1",
]
WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 20_000


def ask(what):
    """Has the test do something, and waits for what it answers."""
    print("do", what, flush=True)
    return sys.stdin.readline().strip()


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def amazon(url):
    """Status and place of what the pretended Amazon answers at an address of the real one's."""
    parts, place = urlsplit(url), urlsplit(AMAZON)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}", headers={"Host": parts.hostname})
    answer = connection.getresponse()
    return answer.status, answer.getheader("Location")


class Visit:
    """A browser of one language, and everything that it must not do."""

    def __init__(self, playwright, language, script=True):
        self.browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=OPTIONS)
        self.context = self.browser.new_context(locale=language, viewport=WIDE, java_script_enabled=script)
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.complaints = []
        self.landing = None
        self.context.route("https://www.amazon.com/**", self.visit_amazon)
        blank = {"content_type": "text/html", "body": "<title>Amazon</title>"}
        self.context.route("https://developer.amazon.com/**", lambda route: route.fulfill(**blank))
        self.context.on("request", self.look_at_request)
        self.page = self.new_page(self.context.new_page())
        self.axe = Axe()

    def new_page(self, page):
        page.on("console", self.look_at_console)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        return page

    def visit_amazon(self, route):
        """Amazon's own pages lead on at once, as if the person had signed in."""
        status, location = amazon(route.request.url)
        expect(status == 302, f"Amazon answers {status} at {route.request.url}")
        self.landing = location
        if not location.startswith(BASE):
            route.fulfill(status=404, content_type="text/html", body="<title>Page not found</title>")
        else:
            route.fulfill(status=302, headers={"Location": location})

    def look_at_request(self, request):
        host = urlsplit(request.url).hostname
        ours = request.url.startswith((BASE, BASE.replace("127.0.0.1", "192.168.1.5")))
        amazon_page = host in ("www.amazon.com", "developer.amazon.com") and request.is_navigation_request()
        if not ours and not amazon_page and not request.url.startswith("data:"):
            self.complaints.append(f"a request to {request.url}")

    def look_at_console(self, message):
        # A page that is answered with an error on purpose is no fault of the page's, and over plain http a browser says
        # that a header does nothing.
        expected = ("Failed to load resource", "The Cross-Origin-Opener-Policy header has been ignored")
        if message.type in ("error", "warning") and not message.text.startswith(expected):
            self.complaints.append(f"console: {message.text}")

    def look(self, name):
        """A picture in light and dark, wide and on a phone, and axe's opinion of both lights and both sizes."""
        for light in ("light", "dark"):
            self.page.emulate_media(color_scheme=light)
            for size, viewport in (("wide", WIDE), ("phone", PHONE)):
                self.page.set_viewport_size(viewport)
                self.page.screenshot(path=f"{PICTURES}/{name}-{light}-{size}.png", full_page=True)
                width = self.page.evaluate("document.documentElement.scrollWidth")
                if width > viewport["width"]:
                    self.complaints.append(f"{name} is {width} wide on a {size} screen")
                # What is seen in one light at one size is seen there at the other size, too.
                if (light, size) in (("light", "wide"), ("dark", "phone")):
                    self.check(f"{name}, {light}, {size}")
        self.page.set_viewport_size(WIDE)
        self.page.emulate_media(color_scheme="light")

    def check(self, name):
        for finding in self.axe.run(self.page).response["violations"]:
            places = "; ".join(str(node["target"]) for node in finding["nodes"][:4])
            line = f"{name}: {finding['impact']}: {finding['id']} at {places}"
            if finding["impact"] in ("serious", "critical"):
                self.complaints.append(line)
            else:
                print("minor", line, flush=True)

    def said(self, selector, what):
        """A message says this, and is where the person looks: in the window."""
        message = self.page.locator(selector).first
        message.wait_for()
        expect(what in message.inner_text(), f"{message.inner_text()} at {selector}, not {what}")
        window = self.page.viewport_size

        def fits(box):
            return box and box["y"] >= 0 and box["y"] + box["height"] <= window["height"]

        # A page that has just come is there before it is moved to its fragment.
        for _ in range(100):
            box = message.bounding_box()
            if fits(box):
                break
            self.page.wait_for_timeout(50)
        expect(fits(box), f"{selector} is at {box} of {window}")

    def log_in(self):
        self.page.goto(f"{BASE}/")
        self.page.fill("#username", os.environ["OWNER"])
        self.page.fill("#password", os.environ["PASSWORD"])
        self.page.press("#password", "Enter")
        self.page.wait_for_url("**/setup")

    def hears_a_tone(self):
        """Plays the test tone on the page of the last step: each link lights up until the Echo plays it."""
        self.page.click("#tone button")
        self.page.wait_for_selector("#first-sound .chain >> nth=0 >> li.lit:last-child", timeout=60_000)

    def use_a_token(self, look=lambda: None):
        """Makes a token on the page of settings, looks at the page, and revokes the token."""
        page = self.page
        page.goto(f"{BASE}/settings")
        page.fill("#token-name", "Home Assistant")
        page.click("#tokens-form button")
        self.said("#tokens-made .message.good", "Home Assistant")
        token = page.input_value("#new-token")
        expect(token.startswith("maa_"), f"the token is {token}")
        expect(f"Bearer {token}" in page.inner_text("#token-curl"), "the line has the token")
        look()
        page.goto(f"{BASE}/settings")
        page.fill("#token-name", "Home Assistant")
        page.click("#tokens-form button")
        self.said("#tokens-form .said .message.bad", "Another token has this name.")
        page.click("#tokens-list form button")
        self.said("#tokens-list .said .message.good", "revoked")

    def close(self):
        self.browser.close()
        expect(not self.complaints, "\n".join(self.complaints))


def run(language, story, script=True):
    with sync_playwright() as playwright:
        visit = Visit(playwright, language, script)
        try:
            story(visit)
        except BaseException:
            visit.page.screenshot(path=f"{PICTURES}/where-it-failed.png", full_page=True)
            print("it failed at", visit.page.url, flush=True)
            raise
        visit.close()
    print("end", flush=True)
